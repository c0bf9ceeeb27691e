#include "options.h"

#include "proto/state.h"
#include "server/base/argv.h"
#include "server/base/log.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
    OPT_LISTEN,
    OPT_PUBLIC_URL,
    OPT_ORIGIN,
    OPT_NO_TOKEN,
    OPT_GPU,
    OPT_SOFTWARE,
    OPT_GPU_MEMORY,
    OPT_STORAGE,
    OPT_ENCODERS,
    OPT_QUALITY,
    OPT_FRAME_BUDGET,
    OPT_BATCH,
    OPT_ENGINE,
    OPT_LAYOUT,
    OPT_UPLOAD_DIR,
    OPT_QUOTA,
    OPT_NO_WATCH,
    OPT_LOG_LEVEL,
    OPT_BENCH,
    OPT_HELP,
    OPT_VERSION,
    OPTIONS
};

static const struct option names[OPTIONS + 1] = {
    [OPT_LISTEN] = {"listen", required_argument, NULL, OPT_LISTEN},
    [OPT_PUBLIC_URL] = {"public-url", required_argument, NULL, OPT_PUBLIC_URL},
    [OPT_ORIGIN] = {"origin", required_argument, NULL, OPT_ORIGIN},
    [OPT_NO_TOKEN] = {"no-token", no_argument, NULL, OPT_NO_TOKEN},
    [OPT_GPU] = {"gpu", required_argument, NULL, OPT_GPU},
    [OPT_SOFTWARE] = {"software", no_argument, NULL, OPT_SOFTWARE},
    [OPT_GPU_MEMORY] = {"gpu-memory", required_argument, NULL, OPT_GPU_MEMORY},
    [OPT_STORAGE] = {"storage", required_argument, NULL, OPT_STORAGE},
    [OPT_ENCODERS] = {"encoders", required_argument, NULL, OPT_ENCODERS},
    [OPT_QUALITY] = {"quality", required_argument, NULL, OPT_QUALITY},
    [OPT_FRAME_BUDGET] = {"frame-budget", required_argument, NULL, OPT_FRAME_BUDGET},
    [OPT_BATCH] = {"batch", required_argument, NULL, OPT_BATCH},
    [OPT_ENGINE] = {"engine", required_argument, NULL, OPT_ENGINE},
    [OPT_LAYOUT] = {"layout", required_argument, NULL, OPT_LAYOUT},
    [OPT_UPLOAD_DIR] = {"upload-dir", required_argument, NULL, OPT_UPLOAD_DIR},
    [OPT_QUOTA] = {"quota", required_argument, NULL, OPT_QUOTA},
    [OPT_NO_WATCH] = {"no-watch", no_argument, NULL, OPT_NO_WATCH},
    [OPT_LOG_LEVEL] = {"log-level", required_argument, NULL, OPT_LOG_LEVEL},
    [OPT_BENCH] = {"bench", no_argument, NULL, OPT_BENCH},
    [OPT_HELP] = {"help", no_argument, NULL, OPT_HELP},
    [OPT_VERSION] = {"version", no_argument, NULL, OPT_VERSION},
};

static const char usage[] =
    "usage: farlook-server [OPTION...] [PATH...]\n"
    "\n"
    "Shows how similar every pixel's feature vector is to the one under the mouse, in a browser.\n"
    "Each PATH is a .npy (one feature map), a .npz or .safetensors (its arrays, `image` is the\n"
    "picture), an ENVI .hdr, an IFeaLiD .zip, a JPEG or PNG (its filter-bank map is computed), or "
    "a\n"
    "directory: a picture and the layers beside it. Words behind a file tell what it does not:\n"
    "map.f32:raw,106x160x256,f4   tokens.npy:NLC,grid=52x80,skip=1   map.npy:bfloat16\n"
    "Without a PATH a demo scene is drawn.\n"
    "\n"
    "  --listen HOST:PORT|unix:PATH  where to listen; loopback only (default 127.0.0.1:8765)\n"
    "  --public-url URL              how browsers reach this server behind a proxy\n"
    "  --origin ORIGIN               a further web origin that may connect (may be repeated)\n"
    "  --no-token                    serve without a token, as loopback does anyway\n"
    "  --gpu auto|N|/dev/dri/X|cuda:N  which GPU (default auto)\n"
    "  --software                    render in software where there is no GPU\n"
    "  --gpu-memory SIZE             for feature maps, e.g. 8G (default: by what there is)\n"
    "  --storage f32|f16             how the GPU holds feature maps (default f32); f16 takes half\n"
    "                                the memory, and pictures and exports are within half "
    "precision's\n"
    "                                error; vectors and probes stay exact, and without a GPU it is "
    "only\n"
    "                                colour pictures' concern\n"
    "  --encoders N                  encoder threads (default: by the cores)\n"
    "  --quality N                   fixed JPEG quality 1 to 100, full resolution\n"
    "  --frame-budget BYTES          what an exact frame may have (default: by the link)\n"
    "  --batch N                     people on one map that one pass serves, 1 to 16 (default 16)\n"
    "  --engine auto|gl|c            what compares: OpenGL, or C on all cores (default: C where\n"
    "                                OpenGL is software)\n"
    "  --layout HWC|CHW|1HWC|1CHW    how the arrays lie, where their shape leaves it open\n"
    "  --upload-dir DIR              take uploads and keep them there (default: take none)\n"
    "  --quota SIZE                  of all uploads together (default 10G)\n"
    "  --no-watch                    do not look for files that come, change or go\n"
    "  --log-level error|warn|info|debug|trace\n"
    "  --bench                       say how fast this machine is with the first map of PATH, or\n"
    "                                with one of 512 x 256 x 256, and end\n"
    "  --help, --version\n"
    "\n"
    "Every option can be given as FARLOOK_NAME in the environment, e.g. FARLOOK_LISTEN.\n";

// A whole number from 1, with K, M, G or T for powers of 1024 where `sized`.
static bool parse_number(const char *text, bool sized, uint64_t max, uint64_t *out)
{
    static const char units[] = "KMGT";
    char *end = NULL;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    const char *unit = sized && *end ? strchr(units, *end) : NULL;
    if (unit) {
        unsigned shift = 10 * (unsigned)(unit - units + 1);
        if (value > UINT64_MAX >> shift)
            return false;
        value <<= shift;
        end++;
    }
    *out = value;
    return !errno && !*end && value >= 1 && value <= max;
}

static enum fl_err set_number(const char *name, const char *text, bool sized, uint64_t max,
                              uint64_t *out, struct fl_error *error)
{
    if (parse_number(text, sized, max, out))
        return FL_OK;
    return fl_fail(error, FL_ERR_RANGE, "--%s takes a whole number from 1 to %llu%s, not \"%s\".",
                   name, (unsigned long long)max, sized ? ", or one like 8G" : "", text);
}

static enum fl_err set_u32(const char *name, const char *text, uint32_t max, uint32_t *out,
                           struct fl_error *error)
{
    uint64_t value = 0;
    enum fl_err err = set_number(name, text, false, max, &value, error);

    if (!err)
        *out = (uint32_t)value;
    return err;
}

static enum fl_err set_log_level(const char *text, struct fl_options *out, struct fl_error *error)
{
    static const char *const levels[] = {"error", "warn", "info", "debug", "trace", NULL};

    out->log_level = fl_argv_word(text, levels);
    if (out->log_level >= 0)
        return FL_OK;
    return fl_fail(error, FL_ERR_RANGE,
                   "--log-level takes error, warn, info, debug or trace, not \"%s\".", text);
}

static enum fl_err add_origin(const char *text, struct fl_options *out, struct fl_error *error)
{
    size_t most = sizeof out->origins / sizeof out->origins[0];

    if (out->n_origins == most)
        return fl_fail(error, FL_ERR_RANGE, "--origin can be given %zu times at most.", most);
    out->origins[out->n_origins++] = text;
    return FL_OK;
}

static enum fl_err set_layout(const char *text, struct fl_options *out, struct fl_error *error)
{
    if (fl_layout_parse(text, &out->layout) && out->layout != FL_LAYOUT_NLC)
        return FL_OK;
    return fl_fail(
        error, FL_ERR_RANGE,
        "--layout takes HWC, CHW, 1HWC or 1CHW, not \"%s\"; tokens are named file by file, "
        "as in map.npy:NLC,grid=52x80,skip=1.",
        text);
}

static enum fl_err set_engine(const char *text, struct fl_options *out, struct fl_error *error)
{
    static const char *const engines[] = {"auto", "gl", "c", NULL}; // as enum fl_engine_choice
    int choice = fl_argv_word(text, engines);

    out->engine = (unsigned)choice;
    if (choice >= 0)
        return FL_OK;
    return fl_fail(error, FL_ERR_RANGE, "--engine takes auto, gl or c, not \"%s\".", text);
}

static enum fl_err set_storage(const char *text, struct fl_options *out, struct fl_error *error)
{
    out->half = strcmp(text, "f16") == 0;
    if (out->half || strcmp(text, "f32") == 0)
        return FL_OK;
    return fl_fail(error, FL_ERR_RANGE, "--storage takes f32 or f16, not \"%s\".", text);
}

static enum fl_err take(void *user, int id, const char *text, struct fl_error *error)
{
    struct fl_options *out = user;
    const char *name = names[id].name;

    switch ((enum option_id)id) {
    case OPT_LISTEN:
        out->listen = text;
        break;
    case OPT_PUBLIC_URL:
        out->public_url = text;
        break;
    case OPT_ORIGIN:
        return add_origin(text, out, error);
    case OPT_NO_TOKEN: // what loopback does anyway
        break;
    case OPT_GPU:
        out->gpu = text;
        break;
    case OPT_SOFTWARE:
        out->software = true;
        break;
    case OPT_GPU_MEMORY:
        return set_number(name, text, true, UINT64_MAX, &out->gpu_memory, error);
    case OPT_STORAGE:
        return set_storage(text, out, error);
    case OPT_ENCODERS:
        return set_u32(name, text, 64, &out->encoders, error);
    case OPT_QUALITY:
        return set_u32(name, text, 100, &out->quality, error);
    case OPT_FRAME_BUDGET:
        return set_u32(name, text, UINT32_MAX, &out->frame_budget, error);
    case OPT_BATCH:
        return set_u32(name, text, FL_MAX_REFS, &out->batch, error);
    case OPT_ENGINE:
        return set_engine(text, out, error);
    case OPT_LAYOUT:
        return set_layout(text, out, error);
    case OPT_UPLOAD_DIR:
        out->upload_dir = text;
        break;
    case OPT_QUOTA:
        return set_number(name, text, true, UINT64_MAX, &out->quota, error);
    case OPT_NO_WATCH:
        out->no_watch = true;
        break;
    case OPT_LOG_LEVEL:
        return set_log_level(text, out, error);
    case OPT_BENCH:
        out->bench = true;
        break;
    case OPT_HELP:
        out->help = true;
        break;
    case OPT_VERSION:
        out->version = true;
        break;
    case OPTIONS:
        break;
    }
    return FL_OK;
}

// FARLOOK_GPU_MEMORY for --gpu-memory; NULL where it is not set or empty. For an option without a
// value anything but 0 sets it.
static const char *from_environment(int id)
{
    char variable[64] = "FARLOOK_";
    size_t at = strlen(variable);

    for (const char *c = names[id].name; *c && at + 1 < sizeof variable; c++)
        variable[at++] = *c == '-' ? '_' : (char)(*c - 'a' + 'A');
    variable[at] = '\0';
    const char *value = getenv(variable); // NOLINT(concurrency-mt-unsafe): before any thread
    bool unset = !value || !*value;
    if (!unset && names[id].has_arg == no_argument && strcmp(value, "0") == 0)
        unset = true;
    return unset ? NULL : value;
}

static enum fl_err apply_environment(struct fl_options *out, struct fl_error *error)
{
    for (int id = 0; id < OPT_BENCH; id++) {
        const char *value = from_environment(id);
        enum fl_err err = value ? take(out, id, value, error) : FL_OK;
        if (err)
            return err;
    }
    return FL_OK;
}

enum fl_err fl_options_parse(int argc, char **argv, struct fl_options *out, struct fl_error *error)
{
    const struct fl_argv line = {"farlook-server", names, "", take, out};
    int rest = argc;

    *out = (struct fl_options){.listen = "127.0.0.1:8765",
                               .gpu = "auto",
                               .quota = UINT64_C(10) << 30,
                               .log_level = FL_LOG_INFO};
    enum fl_err err = apply_environment(out, error);
    if (!err)
        err = fl_argv_read(&line, argc, argv, &rest, error);
    out->paths = argv + rest;
    out->n_paths = (size_t)(argc - rest);
    return err;
}

const char *fl_options_usage(void)
{
    return usage;
}
