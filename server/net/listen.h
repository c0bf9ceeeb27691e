#pragma once

#include "address.h"

// What must be looked at before binding, because libwebsockets only says that it failed. FL_OK
// where `address` can be bound; the socket file of an earlier run, which nobody answers on any
// more, is removed. Else the sentence names the port or path and what to do.
enum fl_err fl_listen_prepare(const struct fl_address *address, struct fl_error *error) FL_CHECKED;
