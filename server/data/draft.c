#include "draft.h"

#include "text.h"

#include "proto/state.h"
#include "proto/utf8.h"
#include "server/base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// "scene/layer" must fit FL_MAX_NAME, a "-2" behind each included.
enum { MAX_NAME = 120 };
_Static_assert(2 * (MAX_NAME + 4) + 2 <= FL_MAX_NAME, "names of scenes and layers");

void fl_draft_finish(struct fl_draft *draft)
{
    for (size_t i = 0; i < draft->n_maps; i++)
        fl_map_unref(draft->maps[i]);
    fl_picture_unref(draft->picture);
    free(draft->maps);
    free(draft->name);
    *draft = (struct fl_draft){0};
}

static void default_extent(const struct fl_draft *draft, int32_t w, int32_t h, double extent[4])
{
    extent[0] = extent[1] = 0;
    extent[2] = w;
    extent[3] = h;
    if (draft->picture) {
        extent[2] = fl_picture_w(draft->picture);
        extent[3] = fl_picture_h(draft->picture);
    } else if (draft->n_maps > 0) {
        memcpy(extent, fl_map_facts(draft->maps[0])->extent, 4 * sizeof *extent);
    }
}

static bool is_layer(const void *user, const char *name)
{
    const struct fl_draft *draft = user;

    for (size_t i = 0; i < draft->n_maps; i++)
        if (strcmp(fl_map_facts(draft->maps[i])->name, name) == 0)
            return true;
    return false;
}

enum fl_err fl_draft_add(struct fl_draft *draft, const char *name, struct fl_map_source *source,
                         const double extent[4], struct fl_error *error)
{
    double whole[4] = {0};
    struct fl_map **maps = NULL;
    enum fl_err err = fl_name_check(name, name, error);
    if (err) {
        fl_map_source_finish(source);
        return err;
    }
    default_extent(draft, source->w, source->h, whole);
    char *free_name = fl_free_name(name, is_layer, draft);
    maps = fl_calloc(draft->n_maps + 1, sizeof(struct fl_map *));
    for (size_t i = 0; i < draft->n_maps; i++)
        maps[i] = draft->maps[i];
    free(draft->maps);
    draft->maps = maps;
    draft->maps[draft->n_maps] = fl_map_create(free_name, source, extent ? extent : whole);
    fl_map_set_stamp(draft->maps[draft->n_maps++], draft->stamp);
    free(free_name);
    return FL_OK;
}

enum fl_err fl_name_check(const char *what, const char *name, struct fl_error *error)
{
    size_t len = strlen(name);
    bool good = len > 0 && len <= MAX_NAME && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
                fl_utf8_is_text((const uint8_t *)name, len);

    for (size_t i = 0; i < len; i++)
        good = good && name[i] != '/' && !iscntrl((unsigned char)name[i]);
    if (good)
        return FL_OK;
    return fl_fail(error, FL_ERR_FORMAT,
                   "%s: a scene's or layer's name is 1 to %d bytes of UTF-8 without \"/\" and "
                   "control characters, and neither \".\" nor \"..\"; rename it.",
                   what, MAX_NAME);
}

char *fl_free_name(const char *name, bool (*is_taken)(const void *user, const char *name),
                   const void *user)
{
    char *candidate = fl_text_copy(name);

    for (unsigned n = 2; is_taken(user, candidate); n++) {
        free(candidate);
        candidate = fl_text_format("%s-%u", name, n);
    }
    return candidate;
}
