/* SPDX-License-Identifier: MIT */
/* Numbers for readers. */
#ifndef REPORT_NUMBER_H
#define REPORT_NUMBER_H

enum { NUMBER_SIZE = 64 };

/* x to so many significant digits (1 to 15), without zeros at the end: "0.25", "48,000"; below a thousandth and from ten
 * million on "2·10⁻⁵"; "–" when it is not finite. Digits before the point are all there. Returns `text`, in UTF-8. */
const char *number_text(double x, int digits, char text[NUMBER_SIZE]);

/* With a power of ten whatever its size, but for zero. */
const char *number_scientific(double x, int digits, char text[NUMBER_SIZE]);
/* With so many digits (0 to 15) after the point, zeros too; for less than 1e30 in size. */
const char *number_decimals(double x, int decimals, char text[NUMBER_SIZE]);

#endif
