// Writing: a packet with some properties exchanged, in place.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "catalog/xmp/names.h"
#include "catalog/xmp/packet.h"
#include "catalog/xmp/spans.h"
#include "catalog/xmp/utf8.h"

namespace lensfs::xmp {
namespace {

constexpr std::string_view kHead =
    "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"LensFS\">\n"
    " <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
    "  <rdf:Description rdf:about=\"\">\n"
    "  </rdf:Description>\n"
    " </rdf:RDF>\n"
    "</x:xmpmeta>\n"
    "<?xpacket end=\"w\"?>\n";

void write_value(std::string& to, const Value& value, int depth);

std::string_view list_name(Value::Kind kind) {
  if (kind == Value::Kind::bag) return "rdf:Bag";
  return kind == Value::Kind::seq ? "rdf:Seq" : "rdf:Alt";
}

// An element and what is in it. `declared` stands in its start tag.
void write_element(std::string& to, std::string_view name, const Value& value, int depth,
                   std::string_view declared) {
  const std::string margin(static_cast<std::size_t>(depth), ' ');
  std::string tag = fmt::format("<{}{}", name, declared);
  if (!value.language.empty()) tag += fmt::format(" xml:lang=\"{}\"", escaped(value.language));
  if (value.kind == Value::Kind::structure) tag += " rdf:parseType=\"Resource\"";
  to += margin + tag + ">";
  if (value.kind == Value::Kind::text) {
    to += escaped(value.text);
  } else {
    to += "\n";
    write_value(to, value, depth + 1);
    to += margin;
  }
  to += fmt::format("</{}>\n", name);
}

void write_value(std::string& to, const Value& value, int depth) {
  if (value.kind == Value::Kind::structure) {
    for (const auto& [name, part] : value.parts) write_element(to, name, part, depth, {});
    return;
  }
  const std::string margin(static_cast<std::size_t>(depth), ' ');
  to += fmt::format("{}<{}>\n", margin, list_name(value.kind));
  for (const Value& item : value.items) write_element(to, "rdf:li", item, depth + 1, {});
  to += fmt::format("{}</{}>\n", margin, list_name(value.kind));
}

void collect_prefixes(const Value& value, std::set<std::string, std::less<>>& prefixes) {
  if (value.kind != Value::Kind::text) prefixes.insert("rdf");
  for (const Value& item : value.items) collect_prefixes(item, prefixes);
  for (const auto& [name, part] : value.parts) {
    prefixes.emplace(split(name).prefix);
    collect_prefixes(part, prefixes);
  }
}

Status check_name(std::string_view name) {
  const NamePair pair = split(name);
  const bool is_word =
      !pair.local.empty() && std::all_of(pair.local.begin(), pair.local.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
      });
  if (is_word && !uri_of(pair.prefix).empty()) return {};
  return fail(Error(Errc::invalid, "no property of XMP that is known here").with(name));
}

Status check_names(const Value& value) {
  for (const Value& item : value.items) LENSFS_CHECK(check_names(item));
  for (const auto& [name, part] : value.parts) {
    LENSFS_CHECK(check_name(name));
    LENSFS_CHECK(check_names(part));
  }
  return {};
}

// One exchange of bytes.
struct Splice {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

// Patching: one packet.
class Patching {
 public:
  Patching(std::string text, const Changes& changes) : text_(std::move(text)), changes_(changes) {}

  Result<std::string> run() {
    LENSFS_TRY(spans_, spans_of(text_));
    LENSFS_CHECK(find_descriptions());
    for (const auto& [name, value] : changes_) LENSFS_CHECK(change(name, value));
    if (!added_.empty()) add_to_first();
    std::stable_sort(splices_.begin(), splices_.end(),
                     [](const Splice& a, const Splice& b) { return a.begin < b.begin; });
    std::string result;
    std::size_t at = 0;
    for (const Splice& splice : splices_) {
      if (splice.begin < at) continue;  // within something that went
      result += text_.substr(at, splice.begin - at) + splice.text;
      at = splice.end;
    }
    return result + text_.substr(at);
  }

 private:
  Status find_descriptions() {
    std::size_t rdf = spans_.size();
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      if (rdf == spans_.size() && name_at(spans_, i, spans_[i].name) == "rdf:RDF") rdf = i;
      if (rdf == spans_.size() || spans_[i].parent != rdf || i == rdf) continue;
      if (name_at(spans_, i, spans_[i].name) == "rdf:Description") descriptions_.push_back(i);
    }
    if (rdf == spans_.size()) return fail(Errc::corrupt, "no XMP: there is no rdf:RDF in it");
    if (!descriptions_.empty()) return {};
    return fail(Errc::corrupt, "no XMP: there is no rdf:Description in it");
  }

  Status change(const std::string& name, const std::optional<Value>& value) {
    LENSFS_CHECK(check_name(name));
    if (value) LENSFS_CHECK(check_names(*value));
    bool is_said = false;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      const bool is_description =
          std::find(descriptions_.begin(), descriptions_.end(), i) != descriptions_.end();
      if (is_description) {
        change_attributes(i, name, value, is_said);
      } else if (std::find(descriptions_.begin(), descriptions_.end(), spans_[i].parent) !=
                     descriptions_.end() &&
                 name_at(spans_, i, spans_[i].name) == name) {
        change_element(i, name, value, is_said);
      }
    }
    if (value && !is_said) added_ += element(name, *value, descriptions_.front(), 3);
    return {};
  }

  void change_attributes(std::size_t description, const std::string& name,
                         const std::optional<Value>& value, bool& is_said) {
    for (const AttributeSpan& attribute : spans_[description].attributes) {
      if (name_at(spans_, description, attribute.name) != name) continue;
      if (value && !is_said && value->kind == Value::Kind::text) {
        std::string safe = escaped(value->text);
        for (std::size_t at = 0; (at = safe.find('\'', at)) != std::string::npos;) {
          safe.replace(at, 1, "&#39;");
        }
        splices_.push_back(
            {attribute.value_at, attribute.value_at + attribute.value.size(), std::move(safe)});
        is_said = true;
      } else {
        splices_.push_back({attribute.begin, attribute.end, {}});
      }
    }
  }

  void change_element(std::size_t at, const std::string& name, const std::optional<Value>& value,
                      bool& is_said) {
    const ElementSpan& span = spans_[at];
    const std::size_t line = text_.find_last_not_of(" \t", span.begin == 0 ? 0 : span.begin - 1);
    const bool has_margin = span.begin > 0 && line != std::string::npos && text_[line] == '\n';
    if (value && !is_said) {
      const int depth = has_margin ? static_cast<int>(span.begin - line - 1) : 0;
      std::string text = element(name, *value, span.parent, depth);
      text.pop_back();                                 // its line goes on as it did
      text.erase(0, static_cast<std::size_t>(depth));  // the margin is there
      splices_.push_back({span.begin, span.end, std::move(text)});
      is_said = true;
    } else {
      splices_.push_back({has_margin ? line : span.begin, span.end, {}});
    }
  }

  // With declarations of the prefixes that do not stand for the same at `within`.
  std::string element(const std::string& name, const Value& value, std::size_t within, int depth) {
    std::set<std::string, std::less<>> prefixes;
    prefixes.emplace(split(name).prefix);
    collect_prefixes(value, prefixes);
    if (value.kind != Value::Kind::text) prefixes.insert("rdf");
    std::string declared;
    for (const std::string& prefix : prefixes) {
      const std::string_view uri = uri_of(prefix);
      if (uri_at(spans_, within, prefix) == uri) continue;
      declared += fmt::format(" xmlns:{}=\"{}\"", prefix, uri);
    }
    std::string text;
    write_element(text, name, value, depth, declared);
    return text;
  }

  void add_to_first() {
    const ElementSpan& first = spans_[descriptions_.front()];
    if (first.is_empty) {
      const std::size_t slash = text_.rfind('/', first.tag_end);
      splices_.push_back({slash, first.tag_end, fmt::format(">\n{}  </{}>", added_, first.name)});
      return;
    }
    // Before the margin of its end tag.
    std::size_t at = first.close;
    while (at > first.tag_end && (text_[at - 1] == ' ' || text_[at - 1] == '\t')) --at;
    const bool own_line = at > first.tag_end && text_[at - 1] == '\n';
    splices_.push_back({at, at, own_line ? added_ : "\n" + added_});
  }

  std::string text_;
  const Changes& changes_;
  std::vector<ElementSpan> spans_;
  std::vector<std::size_t> descriptions_;
  std::vector<Splice> splices_;
  std::string added_;
};

}  // namespace

Result<std::string> patch(std::string_view packet, const Changes& changes) {
  LENSFS_CHECK(parse(packet));  // refuses what is none
  LENSFS_TRY(std::string text, as_utf8(packet));
  LENSFS_TRY(std::string patched, Patching(std::move(text), changes).run());
  return packet.starts_with("\xEF\xBB\xBF") ? "\xEF\xBB\xBF" + patched : patched;
}

Result<std::string> written(const Properties& properties) {
  Changes changes;
  for (const auto& [name, value] : properties) changes.emplace(name, value);
  return Patching(std::string(kHead), changes).run();
}

}  // namespace lensfs::xmp
