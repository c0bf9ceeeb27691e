#include "huffman.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { SYMBOLS = FL_HUFFMAN_SYMBOLS, BITS = FL_HUFFMAN_BITS };

struct leaves { // symbols that occur, the rarest first
    size_t n;
    uint64_t keys[SYMBOLS]; // count, and in the last 16 bits the symbol
};

static void sort(struct leaves *leaves)
{
    static const size_t gaps[] = {57, 23, 10, 4, 1};

    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++) {
        for (size_t i = gaps[g]; i < leaves->n; i++) {
            uint64_t key = leaves->keys[i];
            size_t at = i;
            for (; at >= gaps[g] && leaves->keys[at - gaps[g]] > key; at -= gaps[g])
                leaves->keys[at] = leaves->keys[at - gaps[g]];
            leaves->keys[at] = key;
        }
    }
}

static void collect(const uint32_t *counts, size_t n, struct leaves *leaves)
{
    size_t missing = 2; // of the two that there must be

    for (size_t i = 0; i < n && missing > 0; i++)
        missing -= counts[i] > 0;
    leaves->n = 0;
    for (size_t i = 0; i < n; i++) {
        bool filled = counts[i] == 0 && missing > 0;
        missing -= filled;
        if (counts[i] > 0 || filled)
            leaves->keys[leaves->n++] = (uint64_t)(counts[i] + filled) << 16 | i;
    }
    sort(leaves);
}

// How deep each leaf lies in the tree that joins the two rarest again and again. Nodes that are joined come
// in rising order too, so the next is the first of one row or the other.
static void measure_depths(const struct leaves *leaves, uint8_t *depths)
{
    uint64_t weights[2 * SYMBOLS] = {0};
    uint16_t parents[2 * SYMBOLS] = {0};
    uint8_t deep[2 * SYMBOLS] = {0};
    size_t n = leaves->n, leaf = 0, joined = n;

    for (size_t i = 0; i < n; i++)
        weights[i] = leaves->keys[i] >> 16;
    for (size_t made = n; made < 2 * n - 1; made++) {
        weights[made] = 0;
        for (int side = 0; side < 2; side++) {
            bool take_leaf = leaf < n && (joined == made || weights[leaf] <= weights[joined]);
            size_t child = take_leaf ? leaf++ : joined++;
            weights[made] += weights[child];
            parents[child] = (uint16_t)made;
        }
    }
    deep[2 * n - 2] = 0;
    for (size_t i = 2 * n - 2; i-- > 0;)
        deep[i] = (uint8_t)(deep[parents[i]] + 1);
    memcpy(depths, deep, n);
}

// No leaf deeper than `most`. Those that were take up room they have not got; each step makes one unit
// of it: a leaf goes a level down, and one of the deepest comes up to be its neighbour.
static void limit(size_t n_at[BITS + 1], unsigned most)
{
    size_t taken = 0, room = (size_t)1 << most;

    for (unsigned bits = 1; bits <= most; bits++)
        taken += n_at[bits] << (most - bits);
    for (; taken > room; taken--) {
        unsigned bits = most - 1;
        while (n_at[bits] == 0)
            bits--;
        n_at[bits]--;
        n_at[bits + 1] += 2;
        n_at[most]--;
    }
}

void fl_huffman_lengths(const uint32_t *counts, size_t n, unsigned most, uint8_t *lengths)
{
    struct leaves leaves;
    uint8_t depths[SYMBOLS];
    size_t n_at[BITS + 1] = {0};

    assert(n >= 2 && n <= SYMBOLS && most <= BITS);
    memset(lengths, 0, n);
    collect(counts, n, &leaves);
    measure_depths(&leaves, depths);
    for (size_t i = 0; i < leaves.n; i++)
        n_at[depths[i] < most ? depths[i] : most]++;
    limit(n_at, most);
    unsigned bits = most;
    for (size_t i = 0; i < leaves.n; i++) {
        while (n_at[bits] == 0)
            bits--;
        n_at[bits]--;
        lengths[leaves.keys[i] & 0xffff] = (uint8_t)bits;
    }
}

void fl_huffman_codes(const uint8_t *lengths, size_t n, uint16_t *codes)
{
    unsigned n_at[BITS + 1] = {0}, next[BITS + 1] = {0};

    for (size_t i = 0; i < n; i++)
        n_at[lengths[i]]++;
    n_at[0] = 0;
    for (unsigned bits = 1; bits <= BITS; bits++)
        next[bits] = (next[bits - 1] + n_at[bits - 1]) << 1;
    for (size_t i = 0; i < n; i++) {
        unsigned code = lengths[i] > 0 ? next[lengths[i]]++ : 0, turned = 0;
        for (unsigned bit = 0; bit < lengths[i]; bit++)
            turned |= (code >> bit & 1U) << (lengths[i] - 1U - bit);
        codes[i] = (uint16_t)turned;
    }
}
