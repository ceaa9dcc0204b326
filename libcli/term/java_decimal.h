#pragma once
#include <string>

namespace kt::term {

/// A number as Java's printf writes %.Nf: the shortest digits that name it, rounded with halves going up,
/// away from zero (C rounds what the double really is); NaN, Infinity, -Infinity.
std::string java_decimal(double value, int decimals);

}  // namespace kt::term
