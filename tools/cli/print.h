// Print: what goes to standard output and standard error. A reader that went away is no error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/clock.h"
#include "catalog/base/result.h"

namespace lensfs {

// To standard output. False once nobody reads it any more.
bool print(std::string_view text);
bool print_line(std::string_view line);
[[nodiscard]] bool finish_output();  // flushes; false if something that was printed is lost

// "lensfs: ingest: text" to standard error.
void complain(std::string_view verb, std::string_view text);
void complain(std::string_view verb, const Error& error);

// JsonObject: one object, built key by key. Text that is not UTF-8 gets replacement characters.
class JsonObject {
 public:
  JsonObject& set(std::string_view key, std::string_view text);
  JsonObject& set(std::string_view key, const char* text) {
    return set(key, std::string_view(text));
  }
  JsonObject& set(std::string_view key, std::int64_t number);
  JsonObject& set(std::string_view key, std::uint64_t number);
  JsonObject& set(std::string_view key, double number);
  JsonObject& set(std::string_view key, bool truth);
  JsonObject& set(std::string_view key, const std::vector<std::string>& list);
  JsonObject& set(std::string_view key, const JsonObject& object);
  JsonObject& set(std::string_view key, const std::vector<JsonObject>& list);
  [[nodiscard]] std::string text() const { return "{" + body_ + "}"; }

 private:
  void add(std::string_view key, std::string_view value);
  std::string body_;
};

[[nodiscard]] std::string size_text(std::uint64_t bytes);  // "12.4 GB"
[[nodiscard]] std::string time_text(Nanoseconds time);     // "2026-11-01 12:30:00", local
[[nodiscard]] std::string utc_text(Nanoseconds time);      // "2026-11-01T12:30:00Z"
[[nodiscard]] std::string duration_text(double seconds);   // "1:02:03", "0:07"
// A name for a terminal: control characters are shown as escapes.
[[nodiscard]] std::string shown_text(std::string_view text);

}  // namespace lensfs
