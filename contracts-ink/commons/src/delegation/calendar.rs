//! Months of the proleptic Gregorian calendar in UTC, counted from January 1970.
//!
//! Formulas: Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days and
//! days_from_civil, with eras of 400 years that begin in March.

use crate::Timestamp;

const DAY: u64 = 86_400_000;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: u64 = 719_468;
const DAYS_PER_ERA: u64 = 146_097;

/// The month of a time, counted from January 1970 = 0. Times past the year 7431 are in the last month.
// No operation can wrap: a u64 of milliseconds is under 2^38 days, and each remainder bounds the next line.
#[allow(clippy::arithmetic_side_effects)]
pub fn month_of(time: Timestamp) -> u16 {
    let days = time / DAY + EPOCH;
    let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    // Months since March of year 0, less those until January 1970.
    let months = (era * 400 + year_of_era) * 12 + month_from_march;
    u16::try_from(months - (1970 * 12 - 2)).unwrap_or(u16::MAX)
}

/// The first millisecond of a month.
// A u16 of months is under 5 462 years: every term stays far inside 64 bits.
#[allow(clippy::arithmetic_side_effects)]
pub fn start_of_month(month: u16) -> Timestamp {
    let months = u64::from(month) + (1970 * 12 - 2);
    let (year, month_from_march) = (months / 12, months % 12);
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * month_from_march + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * DAYS_PER_ERA + day_of_era - EPOCH) * DAY
}

#[cfg(test)]
// A wrap in a test is a failure of the test.
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    /// Counts on day by day with the textbook leap rule.
    #[test]
    fn agrees_with_a_calendar_that_counts_days() {
        let mut day = 0u64;
        let mut month = 0u16;
        for year in 1970u64..2470 {
            let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            for length in [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
                assert_eq!(start_of_month(month), day * DAY);
                assert_eq!(month_of(day * DAY), month);
                day += length;
                assert_eq!(month_of(day * DAY - 1), month);
                month += 1;
            }
        }
    }

    #[test]
    fn known_dates() {
        assert_eq!(month_of(0), 0);
        // 2024-02-29T23:59:59.999Z and the millisecond after it.
        assert_eq!(month_of(1_709_251_199_999), 54 * 12 + 1);
        assert_eq!(month_of(1_709_251_200_000), 54 * 12 + 2);
        assert_eq!(month_of(u64::MAX), u16::MAX);
    }
}
