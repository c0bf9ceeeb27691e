#include "metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const double SECONDS = 1e-6, BYTES = 1; // what one of a histogram's values is

static void write_head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_count(FILE *out, const char *name, const char *type, const char *help,
                        uint64_t value)
{
    write_head(out, name, type, help);
    fprintf(out, "%s %" PRIu64 "\n", name, value);
}

// `label` is "" or ends with a comma. Buckets are cumulative in this format.
static void write_histogram(FILE *out, const char *name, const char *label, double unit,
                            const struct fl_histogram *histogram)
{
    uint64_t below = 0;
    int len = 0; // of the label without its comma

    for (unsigned k = 0; k < FL_HISTOGRAM_BOUNDS; k++) {
        below += histogram->counts[k];
        fprintf(out, "%s_bucket{%sle=\"%.8g\"} %" PRIu64 "\n", name, label,
                (double)fl_histogram_bound(k) * unit, below);
    }
    fprintf(out, "%s_bucket{%sle=\"+Inf\"} %" PRIu64 "\n", name, label, histogram->count);
    while (label[len] != '\0' && label[len] != ',')
        len++;
    const char *open = len > 0 ? "{" : "", *close = len > 0 ? "}" : "";
    fprintf(out, "%s_sum%s%.*s%s %.15g\n", name, open, len, label, close,
            (double)histogram->sum * unit);
    fprintf(out, "%s_count%s%.*s%s %" PRIu64 "\n", name, open, len, label, close, histogram->count);
}

static void write_label(FILE *out, const char *name, const char *value)
{
    fprintf(out, "%s=\"", name);
    for (; *value; value++) {
        if (*value == '\n') {
            fputs("\\n", out);
            continue;
        }
        if (*value == '"' || *value == '\\')
            fputc('\\', out);
        fputc(*value, out);
    }
    fputc('"', out);
}

static void write_build(FILE *out, const struct fl_metrics_build *build)
{
    write_head(out, "farlook_build_info", "gauge", "The server's version and its GPU; always 1.");
    fputs("farlook_build_info{", out);
    write_label(out, "version", build->version);
    fputc(',', out);
    write_label(out, "gpu", build->gpu);
    fprintf(out, ",software=\"%s\"} 1\n", build->software ? "true" : "false");
}

static void write_counts(FILE *out, const struct fl_session_counts *counts)
{
    static const char counter[] = "counter";

    write_count(out, "farlook_viewers", "gauge", "WebSocket viewers connected now.",
                counts->viewers);
    write_count(out, "farlook_messages_total", counter, "Messages received from viewers.",
                counts->messages);
    write_count(out, "farlook_renders_total", counter, "Renders started.", counts->renders);
    write_count(out, "farlook_frames_total", counter, "Frames sent to viewers.", counts->frames);
    write_count(out, "farlook_frames_same_total", counter,
                "Frames sent without a picture, as it was the last one's.", counts->same);
    write_count(out, "farlook_frame_bytes_total", counter, "Bytes of the frames sent.",
                counts->bytes);
    write_count(out, "farlook_errors_total", counter, "Errors told to viewers.", counts->errors);
    write_count(out, "farlook_catalogue_changes_total", counter,
                "Times that scenes or maps came, went or were replaced.", counts->changes);
}

static void write_stored(FILE *out, const struct fl_keeper_counts *stored)
{
    static const char counter[] = "counter";

    write_count(out, "farlook_uploads_total", counter, "Files uploaded and shown.", stored->stored);
    write_count(out, "farlook_uploads_failed_total", counter,
                "Uploads and deletions refused or broken off.", stored->failed);
    write_count(out, "farlook_upload_bytes_total", counter, "Bytes of uploads received.",
                stored->bytes);
    write_count(out, "farlook_deletions_total", counter, "Deletions.", stored->deleted);
}

static void write_histograms(FILE *out, const struct fl_session_counts *counts)
{
    static const char stage[] = "farlook_stage_seconds", trip[] = "farlook_round_trip_seconds",
                      size[] = "farlook_frame_size_bytes";

    write_head(out, stage, "histogram", "How long each stage of a render took.");
    write_histogram(out, stage, "stage=\"wait\",", SECONDS, &counts->wait);
    write_histogram(out, stage, "stage=\"render\",", SECONDS, &counts->render);
    write_histogram(out, stage, "stage=\"read\",", SECONDS, &counts->read);
    write_histogram(out, stage, "stage=\"encode\",", SECONDS, &counts->encode);
    write_head(out, trip, "histogram", "From a frame's writing to its acknowledgement.");
    write_histogram(out, trip, "", SECONDS, &counts->round_trip);
    write_head(out, size, "histogram", "Bytes of a frame's message.");
    write_histogram(out, size, "", BYTES, &counts->frame_bytes);
}

char *fl_metrics_text(const struct fl_metrics_build *build, const struct fl_session_counts *counts,
                      const struct fl_keeper_counts *stored)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (!out)
        return NULL;
    write_build(out, build);
    write_counts(out, counts);
    write_stored(out, stored);
    write_histograms(out, counts);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
