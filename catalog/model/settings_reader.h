// How a section of lensfs.toml is read: shared by the files that read one. Only they include
// toml++.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "catalog/base/text.h"
#include "catalog/model/settings.h"

namespace lensfs {

// Where a thing stands: "lensfs.toml:7: [keep] trash".
[[nodiscard]] inline std::string settings_spot(std::string_view file, const toml::source_region& at,
                                               std::string_view thing) {
  return fmt::format("{}:{}: {}", file, at.begin.line, thing);
}

// SettingsReader: one table of the file, key by key.
class SettingsReader {
 public:
  SettingsReader(std::string_view file, std::string section)
      : file_(file), section_(std::move(section)) {}

  // Of a section in this one: "profile.web".
  [[nodiscard]] SettingsReader below(std::string_view name) const {
    return {file_, fmt::format("{}.{}", section_, name)};
  }

  [[nodiscard]] tl::unexpected<Error> refuse(const toml::source_region& at, std::string_view key,
                                             const char* what) const {
    return fail(Error(Errc::invalid, what)
                    .with(settings_spot(file_, at, fmt::format("[{}] {}", section_, key))));
  }

  [[nodiscard]] Status names(std::string_view key, const toml::node& value,
                             std::vector<std::string>& into) const {
    constexpr const char* kForm = "give a list of names, such as [\"*.tmp\", \"*.lck\"]";
    const toml::array* const list = value.as_array();
    if (list == nullptr) return refuse(value.source(), key, kForm);
    for (const toml::node& one : *list) {
      const auto name = one.value_exact<std::string>();
      if (!name || name->empty()) return refuse(one.source(), key, kForm);
      if (name->find('/') != std::string::npos) {
        return refuse(one.source(), key, "a name of a file, without folders: no / can be in it");
      }
      if (name->find_first_not_of("*") == std::string::npos) {
        return refuse(one.source(), key, "this would make every file a scratch file");
      }
      into.push_back(*name);
    }
    return {};
  }

  // Any texts that are not empty.
  [[nodiscard]] Status texts(std::string_view key, const toml::node& value,
                             std::vector<std::string>& into) const {
    const toml::array* const list = value.as_array();
    for (std::size_t at = 0; list != nullptr && at < list->size(); ++at) {
      const auto text = (*list)[at].value_exact<std::string>();
      if (!text || text->empty()) return refuse(value.source(), key, "give a list of texts");
      into.push_back(*text);
    }
    return list == nullptr ? refuse(value.source(), key, "give a list of texts") : Status();
  }

  [[nodiscard]] Status duration(std::string_view key, const toml::node& value,
                                std::optional<Nanoseconds>& into) const {
    const auto text = value.value_exact<std::string>();
    into = text ? duration_from(*text) : std::nullopt;
    if (into) return {};
    return refuse(value.source(), key, "give a time such as \"30d\", \"24h\" or \"90m\"");
  }

  // "2G", "500M"; or a number of bytes.
  [[nodiscard]] Status size(std::string_view key, const toml::node& value,
                            std::int64_t& into) const {
    if (const auto bytes = value.value_exact<std::int64_t>(); bytes && *bytes > 0) {
      into = *bytes;
      return {};
    }
    const auto text = value.value_exact<std::string>();
    const auto bytes = text ? bytes_from(*text) : std::nullopt;
    if (!bytes) return refuse(value.source(), key, "give a size such as \"2G\" or \"500M\"");
    into = *bytes;
    return {};
  }

  [[nodiscard]] Status count(std::string_view key, const toml::node& value,
                             std::optional<std::int64_t>& into) const {
    into = value.value_exact<std::int64_t>();
    if (into && *into >= 1) return {};
    return refuse(value.source(), key, "give a whole number, 1 or more, such as 20");
  }

 private:
  std::string_view file_;
  std::string section_;
};

// [renditions] and [profile.NAME].
[[nodiscard]] Status read_renditions(const toml::table& table, const SettingsReader& reader,
                                     Settings& settings);
[[nodiscard]] Status read_profiles(const toml::table& table, const SettingsReader& reader,
                                   Settings& settings);

}  // namespace lensfs
