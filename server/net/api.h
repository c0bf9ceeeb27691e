#pragma once

#include "answer.h"
#include "router.h"

#include "server/session/session.h"

// What each route answers. Network thread only; knows no sockets.

struct fl_api {
    struct fl_session *session; // borrowed
    struct fl_keeper *keeper;   // borrowed; NULL: nothing can be stored
    const char *version, *gpu;  // borrowed
    bool software;
    struct fl_buf **assets; // owned; the bytes of fl_assets, in order
};

void fl_api_init(struct fl_api *api); // copies the assets
void fl_api_finish(struct fl_api *api);

struct fl_call { // one request
    struct fl_asker asker;
    struct fl_route route;
    const char *query; // borrowed during fl_api_ask; no "?"
    size_t n_query;
    struct fl_shot shot; // filled by fl_api_ask, like what follows; with references of its own
    bool known_rev;      // the address holds the map's or the picture's present rev
    bool download;       // the answer is to be saved as a file
    uint32_t w;          // the width asked for; 0: none
    int32_t picture[2];  // size of the scene's picture; 0, 0: there is none
};
void fl_call_finish(struct fl_call *call); // zeroed is fine

// True: call->shot is to be taken, and fl_api_answer_frame answers when it was.
// False: *out is the answer.
bool fl_api_ask(const struct fl_api *api, struct fl_call *call, struct fl_answer *out);
void fl_api_answer_frame(const struct fl_api *api, const struct fl_call *call,
                         const struct fl_frame *frame, struct fl_answer *out);
