/* Time as an argument: the system clock, and RFC 3339 text. */
#include "kit/clock.h"

#include <string.h>
#include <time.h>

#include "kit/error.h"

enum { MS_PER_SECOND = 1000, SECONDS_PER_DAY = 86400, NS_PER_MS = 1000000 };

static const int64_t WALL_MIN_MS = -62167219200000; /* 0000-01-01T00:00:00.000Z */
static const int64_t WALL_MAX_MS = 253402300799999; /* 9999-12-31T23:59:59.999Z */

struct moment clock_now(const struct clock *clock)
{
    return clock->now(clock->context);
}

static int64_t read_ns(clockid_t id)
{
    struct timespec time = {0};
    clock_gettime(id, &time);
    return (int64_t)time.tv_sec * MS_PER_SECOND * NS_PER_MS + time.tv_nsec;
}

int64_t monotonic_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

int64_t monotonic_ms(void)
{
    return monotonic_ns() / NS_PER_MS;
}

static struct moment system_now(void *context)
{
    (void)context;
    return (struct moment){.mono_ms = monotonic_ms(),
                           .wall_ms = read_ns(CLOCK_REALTIME) / NS_PER_MS};
}

struct clock clock_system(void)
{
    return (struct clock){.now = system_now};
}

int64_t time_passed_ms(int64_t seen_ms, int64_t now_ms)
{
    if (now_ms <= seen_ms)
        return 0;
    uint64_t passed = (uint64_t)now_ms - (uint64_t)seen_ms; /* cannot overflow */
    return passed < TIME_STEP_MAX_MS ? (int64_t)passed : TIME_STEP_MAX_MS;
}

struct date {
    int64_t year;
    int64_t month; /* 1 to 12 */
    int64_t day;   /* 1 to 31 */
};

/*
 * Days and dates of the Gregorian calendar, extended backwards. The year is taken to begin on
 * 1 March, so that the leap day is its last, and months then have 30.6 days on average from the
 * start: (153 * month + 2) / 5 is the day of the year on which month 0 (March) to 11 begins.
 * Everything is counted from 0000-03-01, which lies DAYS_TO_1970 days before 1970-01-01; both
 * functions add 400 years (DAYS_PER_ERA) so that no division sees a negative number.
 * gmtime_r would do as well, but takes a lock of the C library at each call.
 */
enum { DAYS_TO_1970 = 719468, DAYS_PER_ERA = 146097, YEARS_PER_ERA = 400 };

static int64_t days_from_date(struct date date)
{
    int64_t year = date.year - (date.month <= 2) + YEARS_PER_ERA;
    int64_t month = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - DAYS_PER_ERA -
           DAYS_TO_1970;
}

static struct date date_from_days(int64_t days)
{
    days += DAYS_PER_ERA + DAYS_TO_1970;
    int64_t era = days / DAYS_PER_ERA;
    int64_t day = days % DAYS_PER_ERA;
    /* Whole years of the era: the leap days that have passed are taken out first. */
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct date date = {.year = year + (era - 1) * YEARS_PER_ERA,
                        .month = month < 10 ? month + 3 : month - 9,
                        .day = day_of_year - (153 * month + 2) / 5 + 1};
    date.year += date.month <= 2;
    return date;
}

/* Writes value as exactly `width` digits and returns the place behind them. */
static char *put_digits(char *text, int64_t value, int width)
{
    for (int place = width - 1; place >= 0; place--) {
        text[place] = (char)('0' + value % 10);
        value /= 10;
    }
    return text + width;
}

void time_format(int64_t wall_ms, char text[TIME_TEXT_SIZE])
{
    if (wall_ms < WALL_MIN_MS) {
        wall_ms = WALL_MIN_MS;
    } else if (wall_ms > WALL_MAX_MS) {
        wall_ms = WALL_MAX_MS;
    }
    int64_t since_min_ms = wall_ms - WALL_MIN_MS; /* never negative, so / and % round down */
    int64_t seconds = since_min_ms / MS_PER_SECOND;
    int64_t first_day = WALL_MIN_MS / MS_PER_SECOND / SECONDS_PER_DAY;
    struct date date = date_from_days(seconds / SECONDS_PER_DAY + first_day);
    int64_t second_of_day = seconds % SECONDS_PER_DAY;

    text = put_digits(text, date.year, 4);
    *text++ = '-';
    text = put_digits(text, date.month, 2);
    *text++ = '-';
    text = put_digits(text, date.day, 2);
    *text++ = 'T';
    text = put_digits(text, second_of_day / 3600, 2);
    *text++ = ':';
    text = put_digits(text, second_of_day / 60 % 60, 2);
    *text++ = ':';
    text = put_digits(text, second_of_day % 60, 2);
    *text++ = '.';
    text = put_digits(text, since_min_ms % MS_PER_SECOND, 3);
    *text++ = 'Z';
    *text = '\0';
}

static int64_t read_digits(const char *text, int width)
{
    int64_t value = 0;
    for (int place = 0; place < width; place++)
        value = value * 10 + (text[place] - '0');
    return value;
}

/* 1 when text has a digit at each d of the shape, and the shape's own character elsewhere. */
static int has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0'; shape++, text++) {
        int fits = *shape == 'd' ? *text >= '0' && *text <= '9' : *text == *shape;
        if (!fits) {
            return 0; /* also at the end of a text that is too short */
        }
    }
    return *text == '\0';
}

int time_parse(const char *text, int64_t *wall_ms, struct error *err)
{
    if (has_shape(text, "dddd-dd-ddTdd:dd:dd.dddZ")) {
        struct date date = {.year = read_digits(text, 4),
                            .month = read_digits(text + 5, 2),
                            .day = read_digits(text + 8, 2)};
        int64_t hours = days_from_date(date) * 24 + read_digits(text + 11, 2);
        int64_t minutes = hours * 60 + read_digits(text + 14, 2);
        int64_t seconds = minutes * 60 + read_digits(text + 17, 2);
        int64_t found_ms = seconds * MS_PER_SECOND + read_digits(text + 20, 3);
        /* Month 13, 30 February and second 60 are moments too, but they are written otherwise. */
        char again[TIME_TEXT_SIZE];
        time_format(found_ms, again);
        if (strcmp(text, again) == 0) {
            *wall_ms = found_ms;
            return 0;
        }
    }
    return error_set(err, ERR_INVALID,
                     "'%.40s' is not a time. Write it in UTC as 2026-11-22T09:30:00.000Z.", text);
}
