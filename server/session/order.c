#include "order.h"

static void insert(struct fl_order *order, struct fl_turn *turn, struct fl_turn *before)
{
    struct fl_turn *after = before ? before->after : order->first;

    turn->before = before;
    turn->after = after;
    if (before)
        before->after = turn;
    else
        order->first = turn;
    if (after)
        after->before = turn;
    else
        order->last = turn;
    order->n++;
}

void fl_order_join(struct fl_order *order, struct fl_turn *turn, uint64_t *next)
{
    struct fl_turn *before = order->last;

    if (turn->order)
        return;
    turn->order = order;
    turn->round = *next > order->round ? *next : order->round; // resting saves up nothing
    *next = turn->round + 1;
    while (before && before->round > turn->round)
        before = before->before;
    insert(order, turn, before);
}

void fl_turn_take(struct fl_turn *turn)
{
    if (turn->order && turn->order->round < turn->round)
        turn->order->round = turn->round;
    fl_turn_leave(turn);
}

void fl_turn_leave(struct fl_turn *turn)
{
    struct fl_order *order = turn->order;

    if (!order)
        return;
    if (turn->before)
        turn->before->after = turn->after;
    else
        order->first = turn->after;
    if (turn->after)
        turn->after->before = turn->before;
    else
        order->last = turn->before;
    order->n--;
    turn->order = NULL;
    turn->before = turn->after = NULL;
}
