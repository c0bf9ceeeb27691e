// The text that GET metrics answers, letter by letter.
#include "server/net/metrics.h"
#include "test.h"

static const char start[] =
    "# HELP farlook_build_info The server's version and its GPU; always 1.\n"
    "# TYPE farlook_build_info gauge\n"
    "farlook_build_info{version=\"1.2.3\",gpu=\"a \\\"fast\\\" \\\\ one\\n\",software=\"true\"} 1\n"
    "# HELP farlook_viewers WebSocket viewers connected now.\n"
    "# TYPE farlook_viewers gauge\n"
    "farlook_viewers 3\n"
    "# HELP farlook_messages_total Messages received from viewers.\n"
    "# TYPE farlook_messages_total counter\n"
    "farlook_messages_total 18446744073709551615\n"
    "# HELP farlook_renders_total Renders started.\n"
    "# TYPE farlook_renders_total counter\n"
    "farlook_renders_total 5\n"
    "# HELP farlook_frames_total Frames sent to viewers.\n"
    "# TYPE farlook_frames_total counter\n"
    "farlook_frames_total 7\n"
    "# HELP farlook_frames_same_total Frames sent without a picture, as it was the last one's.\n"
    "# TYPE farlook_frames_same_total counter\n"
    "farlook_frames_same_total 2\n"
    "# HELP farlook_frame_bytes_total Bytes of the frames sent.\n"
    "# TYPE farlook_frame_bytes_total counter\n"
    "farlook_frame_bytes_total 9000\n"
    "# HELP farlook_errors_total Errors told to viewers.\n"
    "# TYPE farlook_errors_total counter\n"
    "farlook_errors_total 1\n"
    "# HELP farlook_catalogue_changes_total Times that scenes or maps came, went or were "
    "replaced.\n"
    "# TYPE farlook_catalogue_changes_total counter\n"
    "farlook_catalogue_changes_total 8\n"
    "# HELP farlook_uploads_total Files uploaded and shown.\n"
    "# TYPE farlook_uploads_total counter\n"
    "farlook_uploads_total 4\n"
    "# HELP farlook_uploads_failed_total Uploads and deletions refused or broken off.\n"
    "# TYPE farlook_uploads_failed_total counter\n"
    "farlook_uploads_failed_total 6\n"
    "# HELP farlook_upload_bytes_total Bytes of uploads received.\n"
    "# TYPE farlook_upload_bytes_total counter\n"
    "farlook_upload_bytes_total 12345\n"
    "# HELP farlook_deletions_total Deletions.\n"
    "# TYPE farlook_deletions_total counter\n"
    "farlook_deletions_total 1\n"
    "# HELP farlook_stage_seconds How long each stage of a render took.\n"
    "# TYPE farlook_stage_seconds histogram\n"
    "farlook_stage_seconds_bucket{stage=\"wait\",le=\"1.6e-05\"} 0\n";

static const char render[] = // of 16, 17 and 3000000 us
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"1.6e-05\"} 1\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"3.2e-05\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"6.4e-05\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.000128\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.000256\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.000512\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.001024\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.002048\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.004096\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.008192\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.016384\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.032768\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.065536\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.131072\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.262144\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"0.524288\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"1.048576\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"2.097152\"} 2\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"4.194304\"} 3\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"8.388608\"} 3\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"16.777216\"} 3\n"
    "farlook_stage_seconds_bucket{stage=\"render\",le=\"+Inf\"} 3\n"
    "farlook_stage_seconds_sum{stage=\"render\"} 3.000033\n"
    "farlook_stage_seconds_count{stage=\"render\"} 3\n"
    "farlook_stage_seconds_bucket{stage=\"read\",le=\"1.6e-05\"} 0\n";

static const char end[] = // of 20000000 bytes
    "farlook_frame_size_bytes_bucket{le=\"8388608\"} 0\n"
    "farlook_frame_size_bytes_bucket{le=\"16777216\"} 0\n"
    "farlook_frame_size_bytes_bucket{le=\"+Inf\"} 1\n"
    "farlook_frame_size_bytes_sum 20000000\n"
    "farlook_frame_size_bytes_count 1\n";

static char *text_of_all(void)
{
    struct fl_metrics_build build = {"1.2.3", "a \"fast\" \\ one\n", true};
    struct fl_session_counts counts = {
        .viewers = 3,
        .renders = 5,
        .frames = 7,
        .same = 2,
        .bytes = 9000,
        .errors = 1,
        .changes = 8,
        .messages = UINT64_MAX,
    };

    struct fl_keeper_counts stored = {.stored = 4, .deleted = 1, .failed = 6, .bytes = 12345};

    fl_histogram_add(&counts.render, 16);
    fl_histogram_add(&counts.render, 17);
    fl_histogram_add(&counts.render, 3000000);
    fl_histogram_add(&counts.frame_bytes, 20000000);
    return fl_metrics_text(&build, &counts, &stored);
}

static void test_the_text_is_this(void)
{
    char *text = text_of_all();

    EXPECT(text != NULL);
    EXPECT(strncmp(text, start, sizeof start - 1) == 0);
    EXPECT(strstr(text, render) != NULL);
    EXPECT(strlen(text) > sizeof end);
    EXPECT(strcmp(text + strlen(text) - (sizeof end - 1), end) == 0);
    free(text);
}

// Every name is declared once, before its first value.
static void test_each_histogram_has_all_its_lines(void)
{
    char *text = text_of_all();
    unsigned types = 0, buckets = 0, sums = 0;

    for (const char *line = text; line && *line; line = strchr(line, '\n') + 1) {
        types += strncmp(line, "# TYPE", 6) == 0;
        const char *stop = strpbrk(line, "{ ");
        size_t len = (size_t)(stop - line);
        buckets += len > 7 && strncmp(stop - 7, "_bucket", 7) == 0;
        sums += len > 4 && strncmp(stop - 4, "_sum", 4) == 0;
    }
    EXPECT_INT(types, 13 + 3);
    EXPECT_INT(buckets, 6 * (FL_HISTOGRAM_BOUNDS + 1));
    EXPECT_INT(sums, 6);
    free(text);
}

int main(void)
{
    RUN(test_the_text_is_this);
    RUN(test_each_histogram_has_all_its_lines);
    return 0;
}
