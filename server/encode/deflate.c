#include "deflate.h"

#include "huffman.h"
#include "server/base/mem.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// A token is a byte, or RUN and how much longer than the shortest a run of the byte before it is.
enum {
    RUN = 256,
    TOKENS = 512,
    SHORTEST = 3,
    LONGEST = 258,
    WORTH = 5, // bytes of a run: fewer are as cheap one by one
    END = 256, // the symbol; those of runs come behind it
    SYMBOLS = 286,
    CODES = 288, // with those that stand for nothing
    BANKS = 4,   // counts side by side: equal symbols would wait for each other
    STEPS = 19   // symbols that tell lengths of codes
};

struct code {
    uint32_t bits;
    uint32_t n;
};

struct bits {
    uint8_t *at;   // where the next go; borrowed
    uint64_t held; // no whole byte yet
    unsigned n;
};

struct fl_deflate {
    struct bits out;
    const uint8_t *first, *end; // of the room
    uint32_t sum;
    uint16_t *tokens; // owned
    size_t n_tokens;
    uint32_t counts[SYMBOLS];
    uint8_t lengths[CODES];
    unsigned n_distance;           // bits of the only distance
    struct code codes[TOKENS + 1]; // of tokens; behind them that of END
};

struct told {                                      // the lengths of codes as a block tells them
    uint8_t steps[SYMBOLS + 2], more[SYMBOLS + 2]; // symbols, and the number behind each
    size_t n, n_symbols;
    uint8_t lengths[STEPS];
    uint16_t codes[STEPS];
    unsigned n_lengths;
    size_t bits; // all of it
};

struct fl_deflate *fl_deflate_create(size_t most)
{
    struct fl_deflate *self = fl_new(struct fl_deflate);

    self->tokens = malloc((most + 1) * sizeof *self->tokens);
    if (self->tokens)
        return self;
    free(self);
    return NULL;
}

void fl_deflate_destroy(struct fl_deflate *self)
{
    if (!self)
        return;
    free(self->tokens);
    free(self);
}

static inline void put(struct bits *self, uint32_t bits, unsigned n)
{
    self->held |= (uint64_t)bits << self->n;
    self->n += n;
}

// Whole bytes go out; then there is room for 56 bits.
static inline void flush(struct bits *self)
{
    uint64_t bytes = htole64(self->held);

    memcpy(self->at, &bytes, sizeof bytes);
    self->at += self->n / 8;
    self->held >>= self->n & ~7U;
    self->n %= 8;
}

void fl_deflate_begin(struct fl_deflate *self, uint8_t *out, size_t room)
{
    self->first = out;
    self->end = out + room;
    self->out = (struct bits){.at = out};
    self->sum = (uint32_t)adler32(0, NULL, 0);
    put(&self->out, 0x0178,
        16); // deflate, a window of 32 KiB, the fastest; in the spare bytes if need be
    flush(&self->out);
}

size_t fl_deflate_len(const struct fl_deflate *self)
{
    return (size_t)(self->out.at - self->first);
}

// How many more bytes are as the one before, at most as many as one run may be.
static size_t run_at(const uint8_t *bytes, size_t left)
{
    size_t n = 0, most = left < LONGEST ? left : LONGEST;

    while (n < most && bytes[n] == bytes[-1])
        n++;
    return n;
}

static inline uint64_t eight_at(const uint8_t *bytes)
{
    uint64_t eight = 0;

    memcpy(&eight, bytes, sizeof eight);
    return le64toh(eight);
}

// How many of the bytes come before a run: none of `left` has one if all do.
static size_t before_run(const uint8_t *bytes, size_t left)
{
    const uint64_t ones = 0x0101010101010101U, tops = 0x8080808080808080U;
    size_t n = 0;

    for (; n + 8 + WORTH <= left; n += 8) {
        uint64_t differ = 0;
        for (size_t k = 0; k < WORTH; k++)
            differ |= eight_at(bytes + n + k) ^ eight_at(bytes + n + k - 1);
        uint64_t none = (differ - ones) & ~differ & tops; // the lowest is right, others may not be
        if (none)
            return n + (size_t)__builtin_ctzll(none) / 8;
    }
    while (n < left && run_at(bytes + n, left - n) < WORTH)
        n++;
    return n;
}

static void find_tokens(struct fl_deflate *self, const uint8_t *bytes, size_t n)
{
    uint16_t *out = self->tokens;

    *out++ = bytes[0];
    for (size_t i = 1; i < n;) {
        size_t alone = before_run(bytes + i, n - i);
        for (size_t k = 0; k < alone; k++)
            out[k] = bytes[i + k];
        out += alone;
        i += alone;
        if (i < n) {
            size_t run = run_at(bytes + i, n - i);
            *out++ = (uint16_t)(RUN + run - SHORTEST);
            i += run;
        }
    }
    self->n_tokens = (size_t)(out - self->tokens);
}

// The symbol of a run and how many bits tell the rest of its length (RFC 1951, 3.2.5).
static unsigned run_symbol(unsigned longer, unsigned *n_rest)
{
    *n_rest = 0;
    if (longer == LONGEST - SHORTEST)
        return SYMBOLS - 1;
    if (longer < 8)
        return END + 1 + longer;
    while (longer >> (*n_rest + 3) > 0)
        (*n_rest)++;
    return END + 1 + 4 * *n_rest + (longer >> *n_rest);
}

static void count(struct fl_deflate *self)
{
    uint32_t counts[BANKS][TOKENS] = {{0}};
    size_t i = 0;
    unsigned n_rest = 0;

    for (; i + BANKS <= self->n_tokens; i += BANKS)
        for (size_t bank = 0; bank < BANKS; bank++)
            counts[bank][self->tokens[i + bank]]++;
    for (; i < self->n_tokens; i++)
        counts[0][self->tokens[i]]++;
    memset(self->counts, 0, sizeof self->counts);
    self->counts[END] = 1;
    for (unsigned token = 0; token < TOKENS; token++) {
        unsigned symbol = token < RUN ? token : run_symbol(token - RUN, &n_rest);
        for (size_t bank = 0; bank < BANKS && symbol < SYMBOLS; bank++)
            self->counts[symbol] += counts[bank][token];
    }
}

static unsigned rest_of(unsigned symbol)
{
    return symbol < END + 9 || symbol == SYMBOLS - 1 ? 0 : (symbol - END - 5) / 4;
}

// Of all tokens, in bits.
static size_t measure(const struct fl_deflate *self)
{
    size_t bits = 0;

    for (unsigned symbol = 0; symbol < SYMBOLS; symbol++)
        bits += (size_t)self->counts[symbol] *
                (self->lengths[symbol] + rest_of(symbol) + (symbol > END ? self->n_distance : 0));
    return bits;
}

static unsigned more_bits(unsigned step)
{
    return step == 16 ? 2 : step == 17 ? 3 : step == 18 ? 7 : 0;
}

// The next step over lengths that are told one after the other: returns how many it tells.
static size_t step_over(const uint8_t *all, size_t i, size_t n, uint8_t *step, uint8_t *more)
{
    size_t run = 1;

    while (i + run < n && all[i + run] == all[i] && run < 138)
        run++;
    *step = all[i];
    *more = 0;
    if (all[i] == 0 && run >= 3) {
        *step = run < 11 ? 17 : 18;
        *more = (uint8_t)(run - (run < 11 ? 3 : 11));
        return run;
    }
    if (i == 0 || all[i] != all[i - 1] || run < 3)
        return 1;
    run = run < 6 ? run : 6;
    *step = 16;
    *more = (uint8_t)(run - 3);
    return run;
}

static const uint8_t step_order[STEPS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                          11, 4,  12, 3, 13, 2, 14, 1, 15};

static void tell(const struct fl_deflate *self, struct told *told)
{
    uint8_t all[SYMBOLS + 2];
    uint32_t counts[STEPS] = {0};
    size_t n = SYMBOLS;

    while (self->lengths[n - 1] == 0)
        n--; // END has a code
    memcpy(all, self->lengths, n);
    all[n] = all[n + 1] = 1; // of distances there is one; two make the code complete
    told->n_symbols = n;
    told->n = 0;
    for (size_t i = 0; i < n + 2; told->n++) {
        i += step_over(all, i, n + 2, &told->steps[told->n], &told->more[told->n]);
        counts[told->steps[told->n]]++;
    }
    fl_huffman_lengths(counts, STEPS, 7, told->lengths);
    fl_huffman_codes(told->lengths, STEPS, told->codes);
    told->n_lengths = STEPS;
    while (told->lengths[step_order[told->n_lengths - 1]] == 0)
        told->n_lengths--;
    told->n_lengths = told->n_lengths < 4 ? 4 : told->n_lengths;
    told->bits = 14 + 3 * (size_t)told->n_lengths;
    for (unsigned step = 0; step < STEPS; step++)
        told->bits += counts[step] * (size_t)(told->lengths[step] + more_bits(step));
}

static void put_told(struct bits *out, const struct told *told)
{
    put(out, (uint32_t)told->n_symbols - 257, 5);
    put(out, 1, 5); // two distances
    put(out, told->n_lengths - 4, 4);
    for (unsigned i = 0; i < told->n_lengths; i++) {
        put(out, told->lengths[step_order[i]], 3);
        flush(out);
    }
    for (size_t i = 0; i < told->n; i++) {
        unsigned step = told->steps[i];
        put(out, told->codes[step], told->lengths[step]);
        put(out, told->more[i], more_bits(step));
        flush(out);
    }
}

static void make_codes(struct fl_deflate *self)
{
    uint16_t codes[CODES];

    fl_huffman_codes(self->lengths, CODES, codes);
    for (unsigned token = 0; token < RUN; token++)
        self->codes[token] = (struct code){codes[token], self->lengths[token]};
    for (unsigned token = RUN; token < TOKENS; token++) {
        unsigned n_rest = 0, longer = token - RUN, symbol = run_symbol(longer, &n_rest);
        unsigned rest = longer & ((1U << n_rest) - 1), n = self->lengths[symbol];
        // Behind the rest of the length the distance, whose bits are 0.
        self->codes[token] =
            (struct code){codes[symbol] | (uint32_t)rest << n, n + n_rest + self->n_distance};
    }
    self->codes[TOKENS] = (struct code){codes[END], self->lengths[END]};
}

static void put_tokens(struct fl_deflate *self)
{
    const uint16_t *tokens = self->tokens;
    const struct code *codes = self->codes;
    struct bits out = self->out; // of its own, so that it stays in registers
    size_t n = self->n_tokens, i = 0;

    for (; i + 2 <= n; i += 2) { // 25 bits at most each
        put(&out, codes[tokens[i]].bits, codes[tokens[i]].n);
        put(&out, codes[tokens[i + 1]].bits, codes[tokens[i + 1]].n);
        flush(&out);
    }
    if (i < n)
        put(&out, codes[tokens[i]].bits, codes[tokens[i]].n);
    put(&out, codes[TOKENS].bits, codes[TOKENS].n);
    flush(&out);
    self->out = out;
}

// The codes that need not be told, for small blocks.
static void use_fixed(struct fl_deflate *self)
{
    memset(self->lengths, 8, 144);
    memset(self->lengths + 144, 9, 256 - 144);
    memset(self->lengths + END, 7, 280 - END);
    memset(self->lengths + 280, 8, CODES - 280);
    self->n_distance = 5;
}

static void use_own(struct fl_deflate *self)
{
    memset(self->lengths, 0, sizeof self->lengths);
    fl_huffman_lengths(self->counts, SYMBOLS, FL_HUFFMAN_BITS, self->lengths);
    self->n_distance = 1;
}

static void finish(struct bits *out, uint32_t sum)
{
    put(out, 0, 7); // to a whole byte
    flush(out);
    out->n = 0;
    for (int shift = 24; shift >= 0; shift -= 8)
        *out->at++ = (uint8_t)(sum >> shift);
}

bool fl_deflate_block(struct fl_deflate *self, const uint8_t *bytes, size_t n, bool last)
{
    struct told told;

    find_tokens(self, bytes, n);
    count(self);
    use_fixed(self);
    size_t fixed = measure(self);
    use_own(self);
    tell(self, &told);
    size_t bits = told.bits + measure(self);
    bool own = bits < fixed;
    size_t most = (own ? bits : fixed) / 8 + 3 +
                  (last ? 4 : 0); // 3: of the last block's bits, the head's, no whole byte
    if (self->out.at > self->end || most > (size_t)(self->end - self->out.at))
        return false;
    if (!own)
        use_fixed(self);
    make_codes(self);
    put(&self->out, (uint32_t)last | (own ? 2U : 1U) << 1, 3);
    if (own)
        put_told(&self->out, &told);
    put_tokens(self);
    self->sum = (uint32_t)adler32(self->sum, bytes, (uInt)n);
    if (last)
        finish(&self->out, self->sum);
    return true;
}
