#include "tools/spotlight/message.h"

#include <optional>

#include <nlohmann/json.hpp>

#include "tools/cli/print.h"

namespace lensfs {
namespace {

using Json = nlohmann::json;

// Nothing where it is no object or has no such key.
const Json* member(const Json* object, const char* key) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto at = object->find(key);
  return at == object->end() ? nullptr : &*at;
}

std::optional<std::size_t> count_in(const Json& body, const char* key, std::size_t otherwise) {
  const Json* const value = member(&body, key);
  if (value == nullptr) return otherwise;
  if (!value->is_number_unsigned()) return std::nullopt;
  return value->get<std::size_t>();
}

}  // namespace

Result<SpotlightAsk> ask_from(std::string_view text) {
  if (text.size() > kMostBodyBytes) return fail(Errc::invalid, "the question is too long");
  const Json body = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const Json* const query = member(member(member(&body, "query"), "query_string"), "query");
  if (query == nullptr || !query->is_string()) {
    return fail(Errc::invalid, "no question of Samba's");
  }
  const auto from = count_in(body, "from", 0);
  if (!from) return fail(Errc::invalid, "from is a count");
  return SpotlightAsk{.query = query->get<std::string>(), .from = *from};
}

std::string answer_to(const SpotlightAsk& ask, const std::vector<std::string>& paths) {
  std::vector<JsonObject> hits;
  const auto add = [&](const std::string& path) {
    hits.push_back(
        JsonObject().set("_source", JsonObject().set("path", JsonObject().set("real", path))));
  };
  for (std::size_t at = ask.from; at < paths.size(); ++at) add(paths[at]);
  if (hits.empty() && !paths.empty()) add(paths.back());
  const JsonObject total = JsonObject().set("value", paths.size()).set("relation", "eq");
  return JsonObject()
      .set("timed_out", false)
      .set("hits", JsonObject().set("total", total).set("hits", hits))
      .text();
}

std::string drives_text(const std::vector<std::string>& drives) {
  return JsonObject().set("drives", drives).text();
}

Result<std::vector<std::string>> drives_from(std::string_view text) {
  const Json body = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const Json* const list = member(&body, "drives");
  if (list == nullptr || !list->is_array()) {
    return fail(Errc::invalid, "something else listens there");
  }
  std::vector<std::string> drives;
  for (const Json& drive : *list) {
    if (drive.is_string()) drives.push_back(drive.get<std::string>());
  }
  return drives;
}

}  // namespace lensfs
