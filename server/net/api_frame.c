#include "api.h"

#include "download.h"
#include "export.h"
#include "export_json.h"
#include "png_text.h"

#include "proto/buf.h"
#include "server/data/npy_write.h"

#include <stdlib.h>
#include <string.h>

// What was asked for, and the frame that answers it.
struct asked {
    const struct fl_api *api;
    const struct fl_call *call;
    const struct fl_frame *frame;
    struct fl_state state; // what the frame shows
    const char *save;      // or NULL
};

static struct fl_export_names names_of(const struct asked *asked)
{
    const struct fl_route *route = &asked->call->route;
    return (struct fl_export_names){asked->api->version, route->scene, route->layer};
}

static void answer_text(const struct asked *asked, const char *type, char *text,
                        struct fl_answer *out) // takes the text
{
    struct fl_body body = {.type = type, .tagged = true, .front = text, .save = asked->save};

    *out = (struct fl_answer){0};
    if (text) {
        body.n_front = strlen(text);
        fl_answer_body(out, &asked->call->asker, &body);
    }
    free(text);
}

static char *make_json(const struct asked *asked)
{
    const struct fl_export_names names = names_of(asked);

    if (asked->call->shot.kind == FL_SHOT_VECTOR)
        return fl_export_vector_json(asked->frame);
    return fl_export_frame_json(asked->frame, &asked->state, &names, asked->call->picture,
                                asked->call->w);
}

static void answer_vector(const struct asked *asked, struct fl_answer *out)
{
    const struct fl_frame *frame = asked->frame;
    int32_t d = fl_map_facts(asked->call->shot.map)->d;
    struct fl_body body = {.type = "application/octet-stream", .tagged = true, .save = asked->save};
    char head[FL_NPY_HEAD + 1];

    *out = (struct fl_answer){0};
    body.rest = fl_buf_create((size_t)d * 4);
    if (!body.rest)
        return;
    memcpy(fl_buf_bytes(body.rest), frame->vector, (size_t)d * 4);
    fl_buf_set_len(body.rest, (size_t)d * 4);
    body.front = head;
    body.n_front = fl_npy_head(&d, 1, head);
    fl_answer_body(out, &asked->call->asker, &body);
    fl_buf_unref(body.rest);
}

// Values; where the reference has no direction nothing was rendered, and all of them are NaN.
static void answer_values(const struct asked *asked, struct fl_answer *out)
{
    const struct fl_frame *frame = asked->frame;
    const int32_t h = frame->render.h, w = frame->render.w;
    struct fl_body body = {.type = "application/octet-stream", .tagged = true, .save = asked->save};
    char head[FL_NPY_HEAD + 1];

    *out = (struct fl_answer){0};
    body.rest = frame->image ? fl_buf_ref(frame->image) : fl_export_nans((size_t)h * (size_t)w);
    if (!body.rest)
        return;
    body.front = head;
    body.n_front = fl_npy_head((const int32_t[]){h, w}, 2, head);
    fl_answer_body(out, &asked->call->asker, &body);
    fl_buf_unref(body.rest);
}

// A frame as PNG, with what made it written into it.
static void answer_png_frame(const struct asked *asked, struct fl_answer *out)
{
    const struct fl_frame *frame = asked->frame;
    const struct fl_export_names names = names_of(asked);
    uint8_t bytes[FL_PNG_HEAD + 8192];
    struct fl_text text = {.bytes = bytes, .size = sizeof bytes, .len = FL_PNG_HEAD};
    struct fl_body body = {.type = "image/png",
                           .tagged = true,
                           .rest = frame->image,
                           .front = bytes,
                           .save = asked->save};

    if (fl_buf_len(frame->image) > FL_PNG_HEAD) {
        memcpy(bytes, fl_buf_bytes(frame->image), FL_PNG_HEAD);
        fl_export_png_text(frame, &asked->state, &names, &text);
        body.n_front = text.len <= text.size ? text.len : FL_PNG_HEAD;
        body.skip = FL_PNG_HEAD;
    }
    fl_answer_body(out, &asked->call->asker, &body);
}

static void answer_image(const struct asked *asked, struct fl_answer *out)
{
    const struct fl_call *call = asked->call;
    const struct fl_frame *frame = asked->frame;
    struct fl_body body = {
        .type = frame->enc == FL_ENC_JPEG ? "image/jpeg" : "image/png",
        .tagged = true,
        .cache = call->known_rev ? "private, max-age=3600" : NULL,
        .rest = frame->image,
        .save = asked->save,
    };
    struct fl_error error;

    if (!frame->image) {
        fl_fail(&error, FL_ERR_RANGE,
                "The reference has no direction here (a zero vector, NaN or Inf), so there is no "
                "picture; give another `ref=x,y`.");
        fl_answer_error(out, &call->asker, &error);
        return;
    }
    if (call->shot.kind == FL_SHOT_FRAME && frame->enc == FL_ENC_PNG)
        answer_png_frame(asked, out);
    else
        fl_answer_body(out, &asked->call->asker, &body);
}

void fl_api_answer_frame(const struct fl_api *api, const struct fl_call *call,
                         const struct fl_frame *frame, struct fl_answer *out)
{
    struct asked asked = {.api = api, .call = call, .frame = frame, .state = fl_state_default()};
    char save[FL_MAX_DOWNLOAD];

    if (frame->error.code) {
        fl_answer_error(out, &call->asker, &frame->error);
        return;
    }
    fl_state_apply(&asked.state, &call->shot.set);
    if (call->download) {
        fl_download_name(&call->route, &asked.state, frame->enc, save);
        asked.save = save;
    }
    if (call->route.format == FL_FORMAT_JSON)
        answer_text(&asked, "application/json", make_json(&asked), out);
    else if (call->route.format == FL_FORMAT_CSV)
        answer_text(&asked, "text/csv; charset=utf-8", fl_export_vector_csv(frame), out);
    else if (call->shot.kind == FL_SHOT_VECTOR)
        answer_vector(&asked, out);
    else if (call->shot.output == FL_OUT_VALUES)
        answer_values(&asked, out);
    else
        answer_image(&asked, out);
}
