#include "order.h"

void fl_order_join(struct fl_order *order, struct fl_turn *turn)
{
    if (turn->order)
        return;
    turn->order = order;
    turn->before = order->last;
    turn->after = NULL;
    if (order->last)
        order->last->after = turn;
    else
        order->first = turn;
    order->last = turn;
    order->n++;
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
