#define LOG_MODULE "catalogue"
#include "collection.h"

#include "demo.h"
#include "file.h"
#include "listing.h"
#include "scene.h"
#include "source.h"
#include "stamp.h"
#include "text.h"

#include "server/base/log.h"
#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH = 2, MISSED = 2 }; // directories into a scene; looks that make a file gone

struct entry {                    // a file or a directory that is one scene
    char *path;                   // owned; NULL: the demo
    char *name;                   // owned; since it was shown first
    const struct fl_scene *scene; // shared; NULL: not shown
    uint64_t opened;              // stamp of what was read last, or was tried to be
    uint64_t seen;                // at the last look
    unsigned missing;             // looks in a row
    bool listed;                  // by the last look
};

struct fl_collection {
    struct fl_catalogue_options options;
    struct fl_listing *listing;
    struct entry *entries; // owned; in the order they are shown in
    size_t n;
    uint32_t last_rev; // of all that is not shown any more: what comes back is newer
    bool said;         // mistakes are logged as they come
    struct fl_error first;
};

// The first sentence waits at the start: where nothing can be shown it is the answer.
static void say(struct fl_collection *collection, const struct fl_error *reason)
{
    if (!collection->said && !collection->first.code)
        collection->first = *reason;
    else
        log_error("%s", reason->text);
}

void fl_collection_say_all(struct fl_collection *collection)
{
    if (collection->first.code)
        log_error("%s", collection->first.text);
    collection->first = (struct fl_error){0};
    collection->said = true;
}

enum fl_err fl_collection_say_empty(struct fl_collection *collection, struct fl_error *error)
{
    enum fl_err code = collection->first.code;

    if (error)
        *error = collection->first;
    collection->first = (struct fl_error){0};
    return code ? code : fl_fail(error, FL_ERR_NOT_FOUND, "There is nothing to show.");
}

static void finish_entry(struct entry *entry)
{
    free(entry->path);
    free(entry->name);
    fl_scene_unref(entry->scene);
    *entry = (struct entry){0};
}

static bool is_name_taken(const void *user, const char *name)
{
    const struct fl_collection *collection = user;

    for (size_t i = 0; i < collection->n; i++)
        if (collection->entries[i].name && strcmp(collection->entries[i].name, name) == 0)
            return true;
    return false;
}

// --- one entry's scene ---

static void note_gone(struct fl_collection *collection, const struct fl_scene *old,
                      const struct fl_draft *now)
{
    if (!old)
        return;
    if (!now && old->rev > collection->last_rev)
        collection->last_rev = old->rev;
    for (size_t i = 0; i < old->n_maps; i++) {
        const struct fl_map_facts *facts = fl_map_facts(old->maps[i]);
        bool stays = false;
        for (size_t k = 0; now && k < now->n_maps; k++)
            stays = stays || strcmp(fl_map_facts(now->maps[k])->name, facts->name) == 0;
        if (!stays && facts->rev > collection->last_rev)
            collection->last_rev = facts->rev;
    }
}

// What is as before is shared with the old scene; the rest is newer than all that had its name.
static uint32_t adopt(const struct fl_collection *collection, const struct fl_scene *old,
                      struct fl_draft *draft)
{
    uint32_t rev = collection->last_rev + 1;

    for (size_t i = 0; i < draft->n_maps; i++) {
        const char *name = fl_map_facts(draft->maps[i])->name;
        struct fl_map *before = old ? fl_scene_find_map(old, name) : NULL;
        if (before && fl_map_is_same(draft->maps[i], before)) {
            fl_map_unref(draft->maps[i]);
            draft->maps[i] = fl_map_ref(before);
            continue;
        }
        fl_map_set_rev(draft->maps[i], before ? fl_map_facts(before)->rev + 1 : rev);
    }
    if (!old)
        return rev;
    if (!draft->picture || !old->picture)
        return old->rev + (draft->picture != old->picture);
    if (fl_picture_stamp(draft->picture) != fl_picture_stamp(old->picture))
        return old->rev + 1;
    fl_picture_unref(draft->picture);
    draft->picture = fl_picture_ref(old->picture);
    return old->rev;
}

static void show_draft(struct fl_collection *collection, struct entry *entry,
                       struct fl_draft *draft)
{
    const struct fl_scene *old = entry->scene;

    if (!entry->name) // "coast" beside another "coast" is "coast-2"
        entry->name = fl_free_name(draft->name, is_name_taken, collection);
    note_gone(collection, old, draft);
    uint32_t rev = adopt(collection, old, draft);
    entry->scene = fl_scene_take(draft, entry->name, rev);
    fl_scene_unref(old);
}

// Nothing is shown of it any more. True: something was.
static bool hide(struct fl_collection *collection, struct entry *entry)
{
    bool was = entry->scene != NULL;

    note_gone(collection, entry->scene, NULL);
    fl_scene_unref(entry->scene);
    entry->scene = NULL;
    return was;
}

static bool read_entry(struct fl_collection *collection, struct entry *entry)
{
    struct fl_draft draft = {0};
    struct fl_error reason = {0};
    enum fl_err err = fl_listing_open(entry->path, &collection->options, &draft, &reason);

    if (!err)
        err = fl_name_check(entry->path, draft.name, &reason);
    if (!err)
        show_draft(collection, entry, &draft);
    else
        say(collection, &reason);
    fl_draft_finish(&draft);
    return err ? hide(collection, entry) : true;
}

// --- a look ---

// The old entry of this path, looked for from `at` on (mostly the one behind the last one found).
static bool find_old(const struct fl_collection *collection, const char *path, size_t *at)
{
    for (size_t k = 0; k < collection->n; k++) {
        size_t i = (*at + k) % collection->n;
        const char *own = collection->entries[i].path;
        if (own && strcmp(own, path) == 0) {
            *at = i;
            return true;
        }
    }
    return false;
}

// The entries as the listing has them now; those that are missing stay until that was seen MISSED
// times, at the end.
static bool renew_list(struct fl_collection *collection, unsigned missing)
{
    char **paths = NULL;
    size_t n = 0, old = collection->n, at = 0, kept = 0;
    struct fl_error reason = {0};
    bool changed = false;

    bool told = fl_listing_read(collection->listing, &paths, &n);
    while (fl_listing_take_error(collection->listing, &reason))
        say(collection, &reason);
    if (!told)
        return false; // a directory does not tell just now: as before
    struct entry *entries = fl_calloc(n + old + 1, sizeof *entries);
    for (size_t i = 0; i < n; i++, kept++) {
        if (find_old(collection, paths[i], &at)) {
            entries[kept] = collection->entries[at];
            collection->entries[at] = (struct entry){0};
        } else {
            entries[kept].path = strdup(paths[i]);
        }
        entries[kept].missing = 0;
        entries[kept].listed = true;
    }
    for (size_t i = 0; i < old; i++) {
        struct entry *entry = &collection->entries[i];
        entry->listed = false;
        if (entry->path && (entry->missing += missing) >= MISSED) {
            changed = hide(collection, entry) || changed;
            finish_entry(entry);
        }
        if (entry->path || entry->scene) // not moved
            entries[kept++] = *entry;
    }
    fl_scene_free_list(paths, n);
    free(collection->entries);
    collection->entries = entries;
    collection->n = kept;
    return changed;
}

// False: the file system does not tell just now.
static bool stamp_entry(const struct entry *entry, uint64_t *out)
{
    char *file = fl_spec_file(entry->path);
    bool told = true;

    if (fl_file_kind_of(file) == FL_FILE_ENVI) // its values lie beside the header
        *out = fl_stamp_family(file);
    else
        told = fl_stamp_tree(file, DEPTH, out);
    free(file);
    return told;
}

static bool look_at_entry(struct fl_collection *collection, struct entry *entry, bool at_once)
{
    uint64_t stamp = 0;

    if (!entry->path || !entry->listed || !stamp_entry(entry, &stamp))
        return false;
    bool settled = at_once || stamp == entry->seen;
    entry->seen = stamp;
    if (stamp == entry->opened || !settled)
        return false;
    entry->opened = stamp;
    return read_entry(collection, entry);
}

static bool look(struct fl_collection *collection, bool at_once)
{
    bool changed = renew_list(collection, at_once ? MISSED : 1);

    for (size_t i = 0; i < collection->n; i++)
        changed = look_at_entry(collection, &collection->entries[i], at_once) || changed;
    return changed;
}

bool fl_collection_look(struct fl_collection *collection)
{
    return look(collection, false);
}

bool fl_collection_look_at(struct fl_collection *collection, const char *path)
{
    bool changed = renew_list(collection, 0);

    for (size_t i = 0; i < collection->n; i++) {
        struct entry *entry = &collection->entries[i];
        if (!entry->path || strcmp(entry->path, path) != 0)
            continue;
        if (!entry->listed) {
            changed = hide(collection, entry) || changed;
            entry->opened = 0;
        }
        changed = look_at_entry(collection, entry, true) || changed;
    }
    return changed;
}

// --- life ---

static enum fl_err add_demo(struct fl_collection *collection, struct fl_error *error)
{
    const struct fl_catalogue_options *options = &collection->options;
    struct fl_draft draft = {.name = fl_text_copy("demo")};
    struct fl_map_source sources[2] = {{0}};
    const char *names[2] = {0};
    enum fl_err err =
        fl_demo_open(&draft.picture, sources, names, options->progress, options->user, error);

    for (int i = 0; i < 2 && !err; i++)
        err = fl_draft_add(&draft, names[i], &sources[i], NULL, error);
    fl_map_source_finish(&sources[1]); // where the first failed
    if (!err) {
        collection->entries = fl_new(struct entry);
        show_draft(collection, &collection->entries[0], &draft);
        collection->n = 1;
    }
    fl_draft_finish(&draft);
    return err;
}

enum fl_err fl_collection_open(char *const *paths, size_t n,
                               const struct fl_catalogue_options *options,
                               struct fl_collection **out, struct fl_error *error)
{
    struct fl_collection *collection = fl_new(struct fl_collection);

    collection->options = *options;
    collection->listing = fl_listing_create(paths, n);
    if (n == 0 && !options->no_demo && add_demo(collection, error)) {
        fl_collection_close(collection);
        *out = NULL;
        return error->code;
    }
    look(collection, true);
    bool any = false;
    for (size_t i = 0; i < collection->n; i++)
        any = any || collection->entries[i].scene;
    if (any)
        fl_collection_say_all(collection);
    *out = collection;
    return FL_OK;
}

void fl_collection_add_uploads(struct fl_collection *collection, const char *path)
{
    fl_collection_say_all(collection);
    fl_listing_add(collection->listing, path);
    look(collection, true);
}

void fl_collection_close(struct fl_collection *collection)
{
    if (!collection)
        return;
    for (size_t i = 0; i < collection->n; i++)
        finish_entry(&collection->entries[i]);
    free(collection->entries);
    fl_listing_destroy(collection->listing);
    free(collection);
}

struct fl_catalogue *fl_collection_show(const struct fl_collection *collection)
{
    const struct fl_scene **scenes = fl_calloc(collection->n + 1, sizeof(const struct fl_scene *));
    size_t n = 0;

    for (size_t i = 0; i < collection->n; i++)
        if (collection->entries[i].scene)
            scenes[n++] = collection->entries[i].scene;
    struct fl_catalogue *catalogue = fl_catalogue_of(scenes, n);
    free(scenes);
    return catalogue;
}

const struct fl_scene *fl_collection_find(const struct fl_collection *collection, const char *path)
{
    for (size_t i = 0; i < collection->n; i++)
        if (collection->entries[i].path && strcmp(collection->entries[i].path, path) == 0)
            return collection->entries[i].scene;
    return NULL;
}

const struct fl_scene *fl_collection_find_name(const struct fl_collection *collection,
                                               const char *name)
{
    for (size_t i = 0; i < collection->n; i++)
        if (collection->entries[i].scene && strcmp(collection->entries[i].name, name) == 0)
            return collection->entries[i].scene;
    return NULL;
}
