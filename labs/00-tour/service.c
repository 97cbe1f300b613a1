/*
 * Given: the tour's service. It hosts tour.c on HTTP and keeps one door in memory.
 */
#include <pthread.h>
#include <stdlib.h>
#include "kit/error.h"
#include "kit/json.h"
#include "kit/problem.h"
#include "kit/service.h"
#include "tour.h"

struct tour {
    pthread_mutex_t lock; /* guards door */
    struct door door;
};

static struct tour *tour_of(void *context)
{
    return ((struct service *)context)->state;
}

/* GET /greetings/{name}: 200 {"message": "Hello, NAME!"}; 422 for a name that cannot be. */
static void get_greeting(const struct http_request *request, struct http_response *response,
                         void *context)
{
    struct text message = {0};
    struct error err = {0};
    (void)context;
    if (tour_greet(http_param(request, "name"), &message, &err) != 0) {
        problem(response, 422, "%s", err.text);
    } else {
        struct json_writer writer = json_writer(&response->body);
        json_open_object(&writer, NULL);
        json_put_string(&writer, "message", text_str(&message));
        json_close_object(&writer);
    }
    text_release(&message);
}

static void put_door(struct http_response *response, const struct door *door)
{
    struct json_writer writer = json_writer(&response->body);
    json_open_object(&writer, NULL);
    json_put_string(&writer, "state", door_state_name(door->state));
    json_put_int64(&writer, "openings", door->openings);
    json_put_time(&writer, "changedAt", door->changed_ms);
    json_close_object(&writer);
}

/* GET /door: 200 {"state", "openings", "changedAt"}. */
static void get_door(const struct http_request *request, struct http_response *response,
                     void *context)
{
    struct tour *tour = tour_of(context);
    (void)request;
    pthread_mutex_lock(&tour->lock);
    struct door door = tour->door;
    pthread_mutex_unlock(&tour->lock);
    put_door(response, &door);
}

/* POST /door/{command}: 200 the door; 404 for an unknown command; 409 when it is refused. */
static void post_command(const struct http_request *request, struct http_response *response,
                         void *context)
{
    const struct clock *clock = &((struct service *)context)->clock;
    struct tour *tour = tour_of(context);
    struct error err = {0};
    enum door_command command;
    if (door_command_parse(http_param(request, "command"), &command) != 0) {
        problem(response, 404, "a door knows open, close, lock and unlock");
        return;
    }
    pthread_mutex_lock(&tour->lock);
    int code = door_apply(&tour->door, command, clock_now(clock).wall_ms, &err);
    struct door door = tour->door;
    pthread_mutex_unlock(&tour->lock);
    if (code == 0)
        put_door(response, &door);
    else
        problem(response, 409, "%s", err.text);
}

static int set_up(struct service *service, struct error *err)
{
    struct tour *tour = calloc(1, sizeof *tour);
    if (tour == NULL)
        return error_set(err, ERR_LIMIT, "no memory for the tour");
    pthread_mutex_init(&tour->lock, NULL);
    door_init(&tour->door, clock_now(&service->clock).wall_ms);
    service->state = tour;
    return 0;
}

static void tear_down(struct service *service)
{
    struct tour *tour = service->state;
    pthread_mutex_destroy(&tour->lock);
    free(tour);
}

int main(int argc, char **argv)
{
    static const struct http_route routes[] = {
        {"GET", "/greetings/{name}", HTTP_WORKER, NULL, get_greeting},
        {"GET", "/door", HTTP_INLINE, NULL, get_door},
        {"POST", "/door/{command}", HTTP_INLINE, NULL, post_command},
        {"GET", "/health/liveness", HTTP_INLINE, NULL, service_get_health},
        {"GET", "/health/readiness", HTTP_INLINE, NULL, service_get_health},
        {0}};
    static const struct service_definition definition = {
        .name = "tour-service", .setup = set_up, .teardown = tear_down, .routes = routes};
    return service_main(argc, argv, &definition);
}
