#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// UTF-8 as RFC 3629 has it. Pure.

// Bytes of the valid sequence at `at`, 1 to 4; 0 where there is none (overlong forms, surrogates
// and numbers over U+10FFFF are not valid, nor is a sequence that `left` bytes cut off).
size_t fl_utf8_step(const uint8_t *at, size_t left);

bool fl_utf8_is_text(const uint8_t *bytes, size_t len); // valid throughout, and no zero byte
