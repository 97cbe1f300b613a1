/*
 * Given: the words for states and commands.
 */
#include "tour.h"

#include <string.h>
#include "kit/error.h"

static const char *const state_names[] = {"closed", "open", "locked"};
static const char *const command_names[] = {"open", "close", "lock", "unlock"};

const char *door_state_name(enum door_state state)
{
    const size_t count = sizeof state_names / sizeof state_names[0];
    return (size_t)state < count ? state_names[state] : "no state at all";
}

int door_command_parse(const char *word, enum door_command *command)
{
    for (size_t i = 0; i < sizeof command_names / sizeof command_names[0]; i++) {
        if (strcmp(word, command_names[i]) == 0) {
            *command = (enum door_command)i;
            return 0;
        }
    }
    return ERR_INVALID;
}
