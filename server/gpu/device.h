#pragma once

#include "proto/err.h"

#include <epoxy/egl.h>
#include <stdbool.h>

// The GPUs that EGL finds, and which of them is meant. A device that does not initialise does not
// count: the numbers 0, 1, ... go over those that do. GPU thread only.
enum { FL_DEVICES = 32 };

struct fl_device {
    EGLDisplay display;        // initialised
    bool software;             // says so itself
    char card[64], render[64]; // /dev/dri/..., or ""
    int cuda;                  // number, or -1
    bool surfaceless;          // no device at all: Mesa's own platform
};

struct fl_devices {
    struct fl_device list[FL_DEVICES];
    int n;
};

void fl_devices_open(struct fl_devices *self);
void fl_devices_add_surfaceless(struct fl_devices *self); // where there is no other way
void fl_devices_close(struct fl_devices *self, const struct fl_device *keep); // keep: or NULL

// "0: /dev/dri/card0, cuda:0; 1: software": for sentences.
void fl_devices_describe(const struct fl_devices *self, char *out, size_t size);

struct fl_wanted_device {
    enum { FL_DEVICE_AUTO, FL_DEVICE_NUMBER, FL_DEVICE_PATH, FL_DEVICE_CUDA } kind;
    int number;
    const char *path; // borrowed
};

bool fl_wanted_device_parse(const char *which, struct fl_wanted_device *out);
bool fl_wanted_device_is(const struct fl_wanted_device *wanted, const struct fl_devices *devices,
                         int number);
