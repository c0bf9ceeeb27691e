#include "tests/unit/proto/alloc.h"

#include <stdbool.h>
#include <stddef.h>

unsigned alloc_count, alloc_fail_at;

// NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's (--wrap)
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool fails(void)
{
    alloc_count++;
    return alloc_fail_at > 0 && --alloc_fail_at == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}
// NOLINTEND(bugprone-reserved-identifier)
