#include "server/data/layout.h"

#include "../test.h"

#include "server/base/log.h"

enum answer { HWC, CHW, TIE };

// Layers of common networks for common pictures: what they are, and where the shape of the
// picture cannot tell.
static const struct {
    const char *what;
    uint64_t dims[4]; // three, or four with a 1 in front
    double size[2];   // of the picture
    enum answer answer;
} shapes[] = {
    {"ResNet-50 conv2", {160, 106, 256}, {427, 640}, HWC},
    {"ResNet-50 conv2, torch", {256, 160, 106}, {427, 640}, CHW},
    {"ResNet-50 conv2, batch", {1, 256, 160, 106}, {427, 640}, CHW},
    {"ResNet-50 conv2, Keras batch", {1, 160, 106, 256}, {427, 640}, HWC},
    {"ResNet-50 conv3", {80, 52, 512}, {427, 640}, HWC},
    {"ResNet-50 conv3, torch", {512, 80, 52}, {427, 640}, CHW},
    {"ResNet-50 conv4", {40, 27, 1024}, {427, 640}, HWC},
    {"ResNet-50 conv4, torch", {1024, 40, 27}, {427, 640}, CHW},
    {"ResNet-50 conv4, small", {20, 14, 1024}, {427, 640}, HWC},
    {"ResNet-50 conv5, square", {7, 7, 2048}, {224, 224}, HWC},
    {"ResNet-50 conv5, square, torch", {2048, 7, 7}, {224, 224}, CHW},
    {"ResNet-50 conv2, square", {56, 56, 256}, {224, 224}, HWC},
    {"ResNet-18 conv3, square", {128, 28, 28}, {224, 224}, CHW},
    {"VGG-16 first, square", {64, 224, 224}, {224, 224}, CHW},
    {"VGG-16 first, square, Keras", {224, 224, 64}, {224, 224}, HWC},
    {"VGG-16 with as many channels as rows", {256, 256, 256}, {256, 256}, TIE},
    {"SAM, torch batch", {1, 256, 64, 64}, {1024, 1024}, CHW},
    {"SAM, channels last", {64, 64, 256}, {1024, 1024}, HWC},
    {"SAM of a wide photo, padded to a square", {1, 256, 64, 64}, {1800, 1200}, TIE},
    {"U-Net, 64 channels of 64 x 64", {64, 64, 64}, {512, 512}, TIE},
    {"DINOv3-L", {48, 64, 1024}, {1024, 768}, HWC},
    {"DINOv3-L, torch hub", {1, 1024, 48, 64}, {1024, 768}, CHW},
    {"DINOv2-S, square", {16, 16, 384}, {224, 224}, HWC},
    {"DINOv2-S, square, forward_intermediates", {1, 384, 16, 16}, {224, 224}, CHW},
    {"DeiT block", {40, 26, 192}, {427, 640}, HWC},
    {"DeiT block, finer", {80, 52, 192}, {427, 640}, HWC},
    {"DeiT block of a drone photo", {56, 100, 192}, {1000, 562}, HWC},
    {"DeiT block of a drone photo, torch", {192, 56, 100}, {1000, 562}, CHW},
    {"ESPNet", {160, 108, 131}, {427, 640}, HWC},
    {"ESPNet, torch", {131, 160, 108}, {427, 640}, CHW},
    {"Swin stage 1, channels last", {1, 56, 56, 96}, {224, 224}, HWC},
    {"Swin stage 4, channels last", {1, 7, 7, 768}, {224, 224}, HWC},
    {"FeatUp", {384, 224, 224}, {224, 224}, CHW},
    {"street scene, torch batch", {1, 256, 256, 512}, {2048, 1024}, CHW},
    {"street scene, channels last", {256, 512, 256}, {2048, 1024}, HWC},
    {"HD video, stride 8", {512, 135, 240}, {1920, 1080}, CHW},
    {"HD video, stride 32", {34, 60, 2048}, {1920, 1080}, HWC},
    {"Salinas, bands last", {512, 217, 204}, {217, 512}, HWC},
    {"Pavia, bands last", {610, 340, 103}, {340, 610}, HWC},
    {"Pavia, bands first", {103, 610, 340}, {340, 610}, CHW},
    {"one channel", {480, 640, 1}, {640, 480}, HWC},
    {"one channel, torch", {1, 480, 640}, {640, 480}, CHW},
    {"a grid of one cell", {1, 1, 2048}, {300, 200}, HWC},
    {"of another picture", {100, 20, 30}, {500, 500}, TIE},
};

static void test_the_picture_tells_the_layout_or_it_is_refused(void)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct fl_layout_hint hint = {.size = {shapes[i].size[0], shapes[i].size[1]}};
        struct fl_layout_axes axes;
        struct fl_error error = {0};
        unsigned first = shapes[i].dims[3] > 0 ? 1 : 0;
        enum answer got = TIE;
        enum fl_err err =
            fl_layout_decide("x.npy", shapes[i].dims, 3 + first, &hint, &axes, &error);
        if (!err)
            got = axes.c == first ? CHW : HWC;
        else
            EXPECT(err == FL_ERR_TIE && strstr(error.text, "--layout") &&
                   strstr(error.text, "scene.json"));
        if (got != shapes[i].answer) {
            fprintf(stderr, "%s: %d, expected %d; %s\n", shapes[i].what, got, shapes[i].answer,
                    error.text);
            exit(1);
        }
    }
}

static void test_the_rule_is_exact_at_its_bounds(void)
{
    // HWC (9, 6, 100): 6 x 9 cells, so an aspect from 5/10 to 7/8. CHW: 100 x 6, never here.
    static const struct {
        double w, h;
        enum fl_err err;
    } cases[] = {
        {5, 10, FL_OK},         {7, 8, FL_OK},     {4.999, 10, FL_ERR_TIE},
        {7.001, 8, FL_ERR_TIE}, {600, 900, FL_OK}, {900, 600, FL_ERR_TIE},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fl_layout_hint hint = {.size = {cases[i].w, cases[i].h}};
        struct fl_layout_axes axes;
        EXPECT_INT(fl_layout_decide("x", (uint64_t[]){9, 6, 100}, 3, &hint, &axes, NULL),
                   cases[i].err);
    }
}

static void test_a_refusal_prints_both_readings(void)
{
    struct fl_layout_hint hint = {.size = {512, 512}};
    struct fl_layout_axes axes;
    struct fl_error error = {0};

    EXPECT_INT(fl_layout_decide("a.npy", (uint64_t[]){1, 64, 63, 62}, 4, &hint, &axes, &error),
               FL_ERR_TIE);
    EXPECT(strstr(error.text, "63 x 64 with 62 channels (HWC)"));
    EXPECT(strstr(error.text, "62 x 63 with 64 channels (CHW)"));
    EXPECT(strstr(error.text, "either has") && strstr(error.text, "512 x 512"));
    EXPECT_INT(fl_layout_decide("a.npy", (uint64_t[]){9, 90, 900}, 3, &hint, &axes, &error),
               FL_ERR_TIE);
    EXPECT(strstr(error.text, "neither has"));
}

static void test_what_is_told_stands_over_the_picture(void)
{
    static const struct {
        const char *name;
        unsigned y, x, c;
    } cases[] = {{"HWC", 0, 1, 2},  {"hwc", 0, 1, 2},  {"CHW", 1, 2, 0}, {"NCHW", 1, 2, 0},
                 {"1CHW", 1, 2, 0}, {"1HWC", 0, 1, 2}, {"NHWC", 0, 1, 2}};
    const uint64_t dims[] = {1, 40, 30, 20};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (unsigned first = 0; first < 2; first++) {
            struct fl_layout_hint hint = {.size = {30, 40}};
            struct fl_layout_axes axes;
            EXPECT(fl_layout_parse(cases[i].name, &hint.layout));
            EXPECT_INT(fl_layout_decide("x", dims + 1 - first, 3 + first, &hint, &axes, NULL),
                       FL_OK);
            EXPECT_INT(axes.y, cases[i].y + first);
            EXPECT_INT(axes.x, cases[i].x + first);
            EXPECT_INT(axes.c, cases[i].c + first);
        }
    enum fl_layout none = FL_LAYOUT_AUTO;
    EXPECT(!fl_layout_parse("WHC", &none) && !fl_layout_parse("", &none));
}

static void test_without_a_picture_channels_are_last(void)
{
    static const struct fl_layout_hint nothing;
    struct fl_layout_axes axes;

    EXPECT_INT(fl_layout_decide("x", (uint64_t[]){256, 64, 64}, 3, &nothing, &axes, NULL), FL_OK);
    EXPECT(axes.y == 0 && axes.x == 1 && axes.c == 2);
}

int main(void)
{
    fl_log_set_level(FL_LOG_WARN);
    RUN(test_the_picture_tells_the_layout_or_it_is_refused);
    RUN(test_the_rule_is_exact_at_its_bounds);
    RUN(test_a_refusal_prints_both_readings);
    RUN(test_what_is_told_stands_over_the_picture);
    RUN(test_without_a_picture_channels_are_last);
    return 0;
}
