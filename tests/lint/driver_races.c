// Linked into whatever draws under the thread sanitizer. Mesa is not built with it: how llvmpipe counts the
// references of its fences is invisible, and the sanitizer takes the last one's end for a race.
// A race of ours has no frame of the driver in it.
const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void)
{
    return "race:swrast_dri.so\nrace:libgallium\n";
}
