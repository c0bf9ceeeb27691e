#include "server/base/mem.h"

#include "test.h"

static void test_a_list_keeps_what_it_holds_while_it_grows(void)
{
    size_t n = 0, room = 0, moves = 0;
    int *list = NULL;

    while (n < 1000) {
        size_t before = room;
        list = fl_grow(list, n, &room, sizeof *list);
        moves += room != before;
        EXPECT(room > n && (before == 0 || room == before || room == 2 * before));
        list[n] = (int)n;
        n++;
    }
    for (size_t i = 0; i < n; i++)
        EXPECT_INT(list[i], i);
    EXPECT(moves <= 10); // not with every element
    free(list);
}

static void test_products_that_overflow_are_told(void)
{
    size_t out = 0;

    EXPECT(fl_mul(SIZE_MAX / 2, 2, &out) && out == SIZE_MAX - 1);
    EXPECT(!fl_mul(SIZE_MAX / 2 + 1, 2, &out));
}

int main(void)
{
    RUN(test_a_list_keeps_what_it_holds_while_it_grows);
    RUN(test_products_that_overflow_are_told);
    return 0;
}
