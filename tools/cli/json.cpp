// The one file that knows the JSON library: it is slow to compile.
#include <nlohmann/json.hpp>

#include "tools/cli/print.h"

namespace lensfs {
namespace {

template <typename T>
std::string dumped(const T& value) {
  return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void JsonObject::add(std::string_view key, std::string_view value) {
  if (!body_.empty()) body_ += ",";
  body_ += dumped(std::string(key));
  body_ += ":";
  body_ += value;
}

JsonObject& JsonObject::set(std::string_view key, std::string_view text) {
  add(key, dumped(std::string(text)));
  return *this;
}

JsonObject& JsonObject::set(std::string_view key, std::int64_t number) {
  add(key, dumped(number));
  return *this;
}

JsonObject& JsonObject::set(std::string_view key, std::uint64_t number) {
  add(key, dumped(number));
  return *this;
}

JsonObject& JsonObject::set(std::string_view key, double number) {
  add(key, dumped(number));
  return *this;
}

JsonObject& JsonObject::set(std::string_view key, bool truth) {
  add(key, dumped(truth));
  return *this;
}

JsonObject& JsonObject::set(std::string_view key, const std::vector<std::string>& list) {
  add(key, dumped(list));
  return *this;
}

JsonObject& JsonObject::set(std::string_view key, const JsonObject& object) {
  add(key, object.text());
  return *this;
}

JsonObject& JsonObject::set(std::string_view key, const std::vector<JsonObject>& list) {
  std::string text;
  for (const JsonObject& object : list) {
    if (!text.empty()) text += ",";
    text += object.text();
  }
  add(key, "[" + text + "]");
  return *this;
}

}  // namespace lensfs
