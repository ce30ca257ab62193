#include "catalog/xmp/mapping.h"

#include <algorithm>
#include <array>

namespace lensfs::xmp {
namespace {

enum class Shape { text, local, list, seq, timecode };
enum class Direction { both, read };

struct Mapped {
  std::string_view field;
  const char* property;
  Shape shape = Shape::text;
  Direction direction = Direction::both;
};
// The first that is there counts; the first of a field that is written is where it is written.
constexpr std::array kMapped = {
    Mapped{"title", "dc:title", Shape::local},
    Mapped{"description", "dc:description", Shape::local},
    Mapped{"creator", "dc:creator", Shape::seq},
    Mapped{"copyright", "dc:rights", Shape::local},
    Mapped{"language", "dc:language", Shape::list, Direction::read},
    Mapped{"rating", "xmp:Rating"},
    Mapped{"label", "xmp:Label"},
    Mapped{"rights", "xmpRights:UsageTerms", Shape::local},
    Mapped{"scene", "xmpDM:scene"},
    Mapped{"shot_name", "xmpDM:shotName"},
    Mapped{"reel", "xmpDM:tapeName"},
    Mapped{"take", "xmpDM:takeNumber"},
    Mapped{"comment", "xmpDM:logComment"},
    Mapped{"good", "xmpDM:good"},
    Mapped{"timecode", "xmpDM:startTimecode", Shape::timecode, Direction::read},
    Mapped{"artist", "xmpDM:artist", Shape::text, Direction::read},
    Mapped{"album", "xmpDM:album", Shape::text, Direction::read},
    Mapped{"genre", "xmpDM:genre", Shape::text, Direction::read},
    Mapped{"location", "Iptc4xmpCore:Location"},
    Mapped{"city", "photoshop:City"},
    Mapped{"state", "photoshop:State"},
    Mapped{"country", "photoshop:Country"},
    Mapped{"credit", "photoshop:Credit"},
    Mapped{"source", "photoshop:Source"},
    Mapped{"instructions", "photoshop:Instructions"},
    Mapped{"headline", "photoshop:Headline"},
    Mapped{"people", "Iptc4xmpExt:PersonInImage", Shape::list},
    Mapped{"shot", "exif:DateTimeOriginal", Shape::text, Direction::read},
    Mapped{"shot", "photoshop:DateCreated", Shape::text, Direction::read},
    Mapped{"shot", "xmpDM:shotDate", Shape::text, Direction::read},
    Mapped{"shot", "xmp:CreateDate", Shape::text, Direction::read},
    Mapped{"software", "xmp:CreatorTool", Shape::text, Direction::read},
    Mapped{"camera_make", "tiff:Make", Shape::text, Direction::read},
    Mapped{"camera_model", "tiff:Model", Shape::text, Direction::read},
    Mapped{"orientation", "tiff:Orientation", Shape::text, Direction::read},
    Mapped{"lens", "exifEX:LensModel", Shape::text, Direction::read},
    Mapped{"lens", "aux:Lens", Shape::text, Direction::read},
    Mapped{"image_id", "exif:ImageUniqueID", Shape::text, Direction::read},
    Mapped{"comment", "exif:UserComment", Shape::local, Direction::read},
};

std::string joined(const std::vector<std::string>& texts) {
  std::string list;
  for (std::string text : texts) {
    std::replace(text.begin(), text.end(), ',', ';');
    list += (list.empty() ? "" : ", ") + text;
  }
  return list;
}

std::vector<std::string> items_of(std::string_view list) {
  std::vector<std::string> items;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return items;
}

std::string text_of(const Value& value, const Mapped& mapped) {
  if (mapped.shape == Shape::list || mapped.shape == Shape::seq) return joined(value.all());
  if (mapped.shape == Shape::timecode) {
    const auto time = value.parts.find("xmpDM:timeValue");
    return time == value.parts.end() ? std::string() : time->second.one();
  }
  std::string text = value.one();
  if (mapped.field == "good") {
    if (text == "True" || text == "true" || text == "1") return "yes";
    if (text == "False" || text == "false" || text == "0") return "no";
  }
  return text;
}

// Texts in other languages stay as they are.
Value value_from(const std::string& text, const Mapped& mapped, const Value* now) {
  if (mapped.field == "good") return Value::of(text == "yes" ? "True" : "False");
  if (mapped.shape == Shape::list) return Value::list(Value::Kind::bag, items_of(text));
  if (mapped.shape == Shape::seq) return Value::list(Value::Kind::seq, items_of(text));
  if (mapped.shape != Shape::local) return Value::of(text);
  Value value = Value::in_language(text);
  if (now == nullptr || now->kind != Value::Kind::alt) return value;
  const std::string before = now->one();
  for (const Value& item : now->items) {
    const bool is_same_text = item.language == "x-default" || item.text == before;
    if (!is_same_text) value.items.push_back(item);
  }
  return value;
}

const Value* find(const Properties& properties, std::string_view name) {
  const auto found = properties.find(name);
  return found == properties.end() ? nullptr : &found->second;
}

void add_once(std::vector<std::string>& terms, std::string term) {
  if (term.empty() || std::find(terms.begin(), terms.end(), term) != terms.end()) return;
  terms.push_back(std::move(term));
}

// Programs that write a path also write its parts, or the last one, as plain keywords.
bool is_part(const std::vector<std::string>& paths, const std::string& word) {
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    return ("/" + path + "/").find("/" + word + "/") != std::string::npos;
  });
}

std::vector<std::string> tags_of(const Properties& properties) {
  std::vector<std::string> tags;
  if (const Value* paths = find(properties, "lr:hierarchicalSubject")) {
    for (std::string path : paths->all()) {
      std::replace(path.begin(), path.end(), '/', '-');
      std::replace(path.begin(), path.end(), '|', '/');
      add_once(tags, std::move(path));
    }
  }
  if (const Value* paths = find(properties, "digiKam:TagsList")) {
    for (std::string& path : paths->all()) {
      // Its own marks: colours, picks and the faces that it does not know.
      if (!path.starts_with("_Digikam_Internal_Tags_")) add_once(tags, std::move(path));
    }
  }
  const std::vector<std::string> hierarchical = tags;
  if (const Value* words = find(properties, "dc:subject")) {
    for (std::string word : words->all()) {
      std::replace(word.begin(), word.end(), '|', '/');
      if (!is_part(hierarchical, word)) add_once(tags, std::move(word));
    }
  }
  return tags;
}

std::string_view last_part(std::string_view term) {
  const std::size_t slash = term.rfind('/');
  return slash == std::string_view::npos ? term : term.substr(slash + 1);
}

void change_tags(Changes& changes, const Properties& now, const std::vector<std::string>& wanted) {
  std::vector<std::string> before = tags_of(now);
  std::vector<std::string> after = wanted;
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  if (before == after) return;
  std::vector<std::string> words;
  std::vector<std::string> paths;
  std::vector<std::string> slashed;
  for (const std::string& term : after) {
    add_once(words, std::string(last_part(term)));
    slashed.push_back(term);
    if (term.find('/') == std::string::npos) continue;
    std::string path = term;
    std::replace(path.begin(), path.end(), '/', '|');
    paths.push_back(std::move(path));
  }
  const auto say = [&](const char* name, const std::vector<std::string>& list) {
    if (!list.empty()) {
      changes[name] = Value::list(Value::Kind::bag, list);
    } else if (find(now, name) != nullptr) {
      changes[name] = std::nullopt;
    }
  };
  say("dc:subject", words);
  say("lr:hierarchicalSubject", paths);
  if (find(now, "digiKam:TagsList") == nullptr) return;
  changes["digiKam:TagsList"] = Value::list(Value::Kind::seq, slashed);
  if (slashed.empty()) changes["digiKam:TagsList"] = std::nullopt;
}

}  // namespace

bool is_written(std::string_view field) {
  return std::any_of(kMapped.begin(), kMapped.end(), [&](const Mapped& mapped) {
    return mapped.field == field && mapped.direction == Direction::both;
  });
}

Description description_of(const Properties& properties, FrameRate rate) {
  Description said;
  for (const Mapped& mapped : kMapped) {
    const Value* value = find(properties, mapped.property);
    if (value == nullptr) continue;
    std::string text = text_of(*value, mapped);
    if (!text.empty()) said.fields.try_emplace(std::string(mapped.field), std::move(text));
  }
  said.tags = tags_of(properties);
  said.markers = markers_of(properties, rate);
  return said;
}

Changes changes_for(const Properties& now, const Description& wanted, FrameRate rate) {
  Changes changes;
  for (const Mapped& mapped : kMapped) {
    if (mapped.direction == Direction::read) continue;
    const Value* before = find(now, mapped.property);
    const auto after = wanted.fields.find(mapped.field);
    if (after == wanted.fields.end()) {
      if (before != nullptr) changes[mapped.property] = std::nullopt;
    } else if (before == nullptr || text_of(*before, mapped) != after->second) {
      changes[mapped.property] = value_from(after->second, mapped, before);
    }
  }
  change_tags(changes, now, wanted.tags);
  if (markers_of(now, rate) != wanted.markers) {
    changes["xmpDM:Tracks"] =
        wanted.markers.empty() ? std::nullopt : std::optional(tracks_of(wanted.markers, rate));
  }
  return changes;
}

}  // namespace lensfs::xmp
