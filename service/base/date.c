/* The day arithmetic counts years from March, so that the leap day is the last of its year: days before
 * month m (March = 0) are then (153 m + 2) / 5, and 400 years have 146,097 days. */
#include "base/date.h"

#include <time.h>

enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 /* from 0000-03-01 to 1970-01-01 */ };

static int32_t day_from_civil(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
    static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool date_parse(struct str text, int32_t *ret_day)
{
    if (text.n != DATE_TEXT_LEN || text.p[4] != '-' || text.p[7] != '-')
        return false;
    int part[3] = { 0 };
    for (size_t i = 0, k = 0; i < DATE_TEXT_LEN; i++) {
        if (i == 4 || i == 7) {
            k++;
            continue;
        }
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        part[k] = part[k] * 10 + (text.p[i] - '0');
    }
    if (part[0] < 1 || part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > days_in_month(part[0], part[1]))
        return false;
    *ret_day = day_from_civil(part[0], part[1], part[2]);
    return true;
}

static void put_digits(char *out, int n, int v)
{
    while (n-- > 0) {
        out[n] = (char)('0' + v % 10);
        v /= 10;
    }
}

void date_format(int32_t day, char out[static DATE_TEXT_LEN + 1])
{
    int z = day + DAYS_TO_1970;
    int era = z / DAYS_PER_ERA;
    int day_of_era = z - era * DAYS_PER_ERA;
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int m = (5 * day_of_year + 2) / 153;
    int month = m < 10 ? m + 3 : m - 9;
    put_digits(out, 4, year_of_era + era * 400 + (month <= 2));
    out[4] = '-';
    put_digits(out + 5, 2, month);
    out[7] = '-';
    put_digits(out + 8, 2, day_of_year - (153 * m + 2) / 5 + 1);
    out[DATE_TEXT_LEN] = '\0';
}

int32_t date_today(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int32_t)(now.tv_sec / 86400);
}

int64_t clock_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_ms(void)
{
    return clock_ns() / 1000000;
}
