/* What a run of the explorer is played with. See world_setup.h. */
#include "world_setup.h"

#include <stdio.h>
#include <string.h>

const struct world_setup world_plain = {.config = {.answer_ms = {100, 110, 120, 130, 140, 150},
                                                   .attempts = 2,
                                                   .compensation_attempts = 2,
                                                   .backoff_base_ms = 20,
                                                   .backoff_cap_ms = 80,
                                                   .deadline_ms = 60000},
                                        .checkout = {.id = "01890000-0000-7000-8000-000000000001",
                                                     .cart_id = "cart-1",
                                                     .customer_id = "user-123",
                                                     .coupon = "SPRING"},
                                        .total_cents = 12000,
                                        .reduction_cents = 2000};

void setup_answer_ms(struct saga_config *config, int64_t first_ms)
{
    for (int i = 0; i < SAGA_STEPS; i++)
        config->answer_ms[i] = first_ms + SETUP_STEP_MS * i;
}

void setup_write_config(struct text *action, const struct world_setup *setup)
{
    const struct saga_config *config = &setup->config;
    message_add_int64(action, "attempts", config->attempts);
    message_add_int64(action, "compensations", config->compensation_attempts);
    message_add_int64(action, "answer", config->answer_ms[0]);
    message_add_int64(action, "base", config->backoff_base_ms);
    message_add_int64(action, "cap", config->backoff_cap_ms);
    message_add_int64(action, "deadline", config->deadline_ms);
}

void setup_write_checkout(struct text *action, const struct world_setup *setup)
{
    message_add(action, "id", setup->checkout.id);
    message_add(action, "cart", setup->checkout.cart_id);
    message_add(action, "customer", setup->checkout.customer_id);
    message_add(action, "coupon", setup->checkout.coupon);
    message_add_int64(action, "total", setup->total_cents);
    message_add_int64(action, "reduction", setup->reduction_cents);
}

/* The field, or what it is when it is not there; beyond an int, the nearest one. */
static int small_number(const struct message *action, const char *name, int otherwise)
{
    int64_t number = otherwise;
    message_get_int64(action, name, &number);
    return number < INT32_MIN ? INT32_MIN : number > INT32_MAX ? INT32_MAX : (int)number;
}

void setup_read_config(const struct message *action, struct saga_config *config)
{
    int64_t answer_ms = config->answer_ms[0];
    if (message_get_int64(action, "answer", &answer_ms) == 0)
        setup_answer_ms(config, answer_ms);
    config->attempts = small_number(action, "attempts", config->attempts);
    config->compensation_attempts =
        small_number(action, "compensations", config->compensation_attempts);
    message_get_int64(action, "base", &config->backoff_base_ms);
    message_get_int64(action, "cap", &config->backoff_cap_ms);
    message_get_int64(action, "deadline", &config->deadline_ms);
}

static void take_word(const struct message *action, const char *name, char *word, size_t size)
{
    const char *said = message_get(action, name);
    if (said != NULL)
        snprintf(word, size, "%s", said);
}

void setup_read_checkout(const struct message *action, struct saga_checkout *checkout)
{
    take_word(action, "id", checkout->id, sizeof checkout->id);
    take_word(action, "cart", checkout->cart_id, sizeof checkout->cart_id);
    take_word(action, "customer", checkout->customer_id, sizeof checkout->customer_id);
    take_word(action, "coupon", checkout->coupon, sizeof checkout->coupon);
}

static int is_within(int64_t number, int64_t least, int64_t most)
{
    return number >= least && number <= most;
}

int setup_is_sound(const struct world_setup *setup)
{
    const struct saga_config *config = &setup->config;
    for (int i = 0; i < SAGA_STEPS; i++) {
        if (config->answer_ms[i] != config->answer_ms[0] + SETUP_STEP_MS * i)
            return 0;
    }
    return is_within(config->answer_ms[0], SETUP_ANSWER_MIN_MS, SETUP_ANSWER_MAX_MS) &&
           is_within(config->attempts, 1, SETUP_ATTEMPTS_MAX) &&
           is_within(config->compensation_attempts, 1, SETUP_ATTEMPTS_MAX) &&
           is_within(config->backoff_cap_ms, 1, SETUP_CAP_MAX_MS) &&
           is_within(config->backoff_base_ms, 1, config->backoff_cap_ms) &&
           is_within(config->deadline_ms, SETUP_DEADLINE_MIN_MS, SETUP_DEADLINE_MAX_MS) &&
           is_within(setup->total_cents, 0, SETUP_TOTAL_MAX_CENTS) &&
           is_within(setup->reduction_cents, 0, setup->total_cents) &&
           setup->checkout.id[0] != '\0' && setup->checkout.cart_id[0] != '\0';
}

int setup_read(const struct message *action, struct world_setup *setup)
{
    *setup = world_plain;
    setup_read_config(action, &setup->config);
    setup_read_checkout(action, &setup->checkout);
    message_get_int64(action, "total", &setup->total_cents);
    message_get_int64(action, "reduction", &setup->reduction_cents);
    return setup_is_sound(setup) ? 0 : ERR_INVALID;
}
