// What the worker sends to the herald: a list of acts, in one message.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "fs/node_id.h"

namespace lensfs {

enum class HeraldAct : std::uint32_t {
  look = 0,     // whether the kernel knows the folder at all; no name
  came = 1,     // a name is there that was not
  changed = 2,  // what a name leads to has other attributes
  written = 3,  // what a name leads to has other bytes
  touched = 4,  // the folder as such; no name
};

struct HeraldEvent {
  NodeId folder{};
  HeraldAct act{};
  mode_t type = 0;  // of what came: S_IFDIR, S_IFLNK …
  std::string name{};
};

// A message begins with a token, which the answer begins with, too. After it the answer has one
// byte for each event: whether the kernel knew the folder.
using HeraldToken = std::uint64_t;
// A message has at most this many events, and an answer says kHeraldUnable instead of an event's
// byte if the process may not do this at all.
inline constexpr std::size_t kMostHeraldEvents = 128;
inline constexpr char kHeraldUnknown = '-';
inline constexpr char kHeraldKnown = '+';
inline constexpr char kHeraldUnable = '!';

struct HeraldRecord {
  std::uint64_t folder;
  std::uint32_t act;
  std::uint32_t type;
  std::uint32_t name_size;
};
inline constexpr std::size_t kLargestHeraldMessage =
    sizeof(HeraldToken) + kMostHeraldEvents * (sizeof(HeraldRecord) + 256);

[[nodiscard]] inline std::string packed(HeraldToken token, const std::vector<HeraldEvent>& events) {
  std::string message(reinterpret_cast<const char*>(&token), sizeof token);
  for (const HeraldEvent& event : events) {
    const HeraldRecord record{static_cast<std::uint64_t>(event.folder),
                              static_cast<std::uint32_t>(event.act), event.type,
                              static_cast<std::uint32_t>(event.name.size())};
    message.append(reinterpret_cast<const char*>(&record), sizeof record);
    message += event.name;
  }
  return message;
}

// The events after the token. What is cut short is left out.
[[nodiscard]] inline std::vector<HeraldEvent> unpacked(std::string_view message) {
  std::vector<HeraldEvent> events;
  message.remove_prefix(std::min(message.size(), sizeof(HeraldToken)));
  HeraldRecord record{};
  while (message.size() >= sizeof record) {
    std::memcpy(&record, message.data(), sizeof record);
    message.remove_prefix(sizeof record);
    if (record.name_size > message.size()) break;
    events.push_back({static_cast<NodeId>(record.folder), static_cast<HeraldAct>(record.act),
                      record.type, std::string(message.substr(0, record.name_size))});
    message.remove_prefix(record.name_size);
  }
  return events;
}

}  // namespace lensfs
