#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kt::metrics {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

/// Prometheus' text format 0.0.4, built line by line: a family, then its samples.
class Exposition {
 public:
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

  /// `type` is counter, gauge or summary. What follows belongs to it.
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(const Labels& labels, double value) { sample("", labels, value); }
  /// Of the family's `suffix` ("_count" of a summary).
  void sample(std::string_view suffix, const Labels& labels, double value);

  /// A family with one sample.
  void gauge(std::string_view name, std::string_view help, double value);
  void counter(std::string_view name, std::string_view help, double value);

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string name_;
};

}  // namespace kt::metrics
