// Which GPU is meant, and what is said when there is none: each refusal a sentence, never an abort.
#include "rig.h"

#include "server/gpu/device.h"

#include <sys/wait.h>
#include <unistd.h>

static void test_ways_to_name_a_gpu(void)
{
    struct fl_wanted_device wanted;

    EXPECT(fl_wanted_device_parse("auto", &wanted) && wanted.kind == FL_DEVICE_AUTO);
    EXPECT(fl_wanted_device_parse(NULL, &wanted) && wanted.kind == FL_DEVICE_AUTO);
    EXPECT(fl_wanted_device_parse("3", &wanted) && wanted.kind == FL_DEVICE_NUMBER);
    EXPECT_INT(wanted.number, 3);
    EXPECT(fl_wanted_device_parse("cuda:1", &wanted) && wanted.kind == FL_DEVICE_CUDA);
    EXPECT_INT(wanted.number, 1);
    EXPECT(fl_wanted_device_parse("/dev/dri/renderD129", &wanted));
    EXPECT_INT(wanted.kind, FL_DEVICE_PATH);
    static const char *const wrong[] = {"", "nvidia", "-1", "1x", "cuda:", "cuda:x", "99", " 1 2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EXPECT(!fl_wanted_device_parse(wrong[i], &wanted));
}

static void test_each_way_finds_its_device(void)
{
    struct fl_devices devices = {.n = 3};
    struct fl_wanted_device wanted = {0};

    devices.list[0] = (struct fl_device){.card = "/dev/dri/card1", .cuda = 1};
    devices.list[1] = (struct fl_device){.render = "/dev/dri/renderD128", .cuda = 0};
    devices.list[2] = (struct fl_device){.software = true, .cuda = -1};
    EXPECT(fl_wanted_device_parse("cuda:0", &wanted));
    EXPECT(!fl_wanted_device_is(&wanted, &devices, 0) && fl_wanted_device_is(&wanted, &devices, 1));
    EXPECT(fl_wanted_device_parse("/dev/dri/card1", &wanted));
    EXPECT(fl_wanted_device_is(&wanted, &devices, 0) && !fl_wanted_device_is(&wanted, &devices, 1));
    EXPECT(fl_wanted_device_parse("2", &wanted));
    EXPECT(!fl_wanted_device_is(&wanted, &devices, 1) && fl_wanted_device_is(&wanted, &devices, 2));
    char text[128] = "";
    fl_devices_describe(&devices, text, sizeof text);
    EXPECT(strcmp(text, "0: /dev/dri/card1, cuda:1; 1: /dev/dri/renderD128, cuda:0; 2: software") ==
           0);
    fl_devices_describe(&devices, text, 20); // cut, not overrun
    EXPECT(strlen(text) == 19);
}

static void on_done(void *user, struct fl_frame *frame)
{
    (void)user;
    (void)frame;
}

static void expect_refused(const char *which, bool software, const char *says)
{
    struct fl_gpu_options options = {.which = which, .software = software};
    struct fl_error error = {0};
    struct fl_gpu *gpu = fl_gpu_create(&options, on_done, NULL, &error);

    EXPECT(gpu == NULL);
    fprintf(stderr, "  %s\n", error.text);
    EXPECT(error.code != FL_OK);
    EXPECT(strstr(error.text, says) != NULL);
}

static void test_an_unknown_gpu_is_refused_with_those_there_are(void)
{
    expect_refused("31", true, "There is no GPU \"31\"");
    expect_refused("/dev/dri/card77", true, "There is no GPU \"/dev/dri/card77\"");
    expect_refused("cuda:30", true, "found: ");
    expect_refused("fast", true, "\"fast\" is no GPU");
}

// Only where there is none: elsewhere the hardware is simply taken.
static void test_software_is_refused_unless_asked_for(void)
{
    struct rig rig = rig_open(NULL, 0);
    bool software = fl_gpu_info(rig.gpu)->software;

    rig_close(&rig);
    if (!software) {
        fprintf(stderr, "  SKIPPED: this machine has a GPU\n");
        return;
    }
    expect_refused("auto", false, "pass --software");
    expect_refused("0", false, "software renderer");
}

// In a process of its own, since what EGL found first stays.
static void test_no_driver_at_all_is_a_sentence(void)
{
    int status = 0;
    pid_t child = fork();

    EXPECT(child >= 0);
    if (child == 0) {
        setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/nowhere.json", 1);
        expect_refused("auto", true, "There is neither a usable GPU nor a software renderer");
        expect_refused("auto", false, "There is no usable GPU (found: none)");
        expect_refused("0", true, "There is no GPU \"0\"");
        _exit(0);
    }
    EXPECT(waitpid(child, &status, 0) == child);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    RUN(test_no_driver_at_all_is_a_sentence); // before any thread is started
    RUN(test_ways_to_name_a_gpu);
    RUN(test_each_way_finds_its_device);
    RUN(test_an_unknown_gpu_is_refused_with_those_there_are);
    RUN(test_software_is_refused_unless_asked_for);
    return 0;
}
