/*
 * user-service: who is who. Its sample data is a rule, so a test may use any number of users:
 * user-N exists for every N of 1 to 9 digits, user-123 is called "User 123", nobody else exists.
 */
#include "peers/peer.h"

#include <string.h>

/* GET /users/{id}  200 {"id","name"} | 404 */
static void get_user(void *state, const struct peer_request *request,
                     struct peer_response *response)
{
    (void)state;
    const char *id = request->parameter;
    const char *number = strncmp(id, "user-", 5) == 0 ? id + 5 : "";
    size_t digits = strspn(number, "0123456789");
    if (digits < 1 || digits > 9 || number[digits] != '\0') {
        peer_problem(response, 404, "there is no such user");
        return;
    }
    text_addf(&response->body, "{\"id\":\"%s\",\"name\":\"User %s\"}", id, number);
}

static const struct peer_route routes[] = {
    {"GET", "/users/{id}", get_user},
    {NULL, NULL, NULL},
};

const struct peer user_service = {"user-service", routes, NULL, NULL};
