// Reading a packet.
#include "catalog/xmp/packet.h"

#include <pugixml.hpp>

#include "catalog/base/text.h"
#include "catalog/xmp/names.h"
#include "catalog/xmp/spans.h"
#include "catalog/xmp/utf8.h"

namespace lensfs::xmp {
namespace {

std::string_view uri_at(pugi::xml_node node, std::string_view prefix) {
  const std::string declared = prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix);
  for (; node; node = node.parent()) {
    if (const pugi::xml_attribute said = node.attribute(declared.c_str())) return said.value();
  }
  return prefix == "xml" ? uri_of("xml") : std::string_view();
}

std::string name_of(const pugi::xml_node& node) {
  return our_name(node.name(), uri_at(node, split(node.name()).prefix));
}

// Attributes without a prefix belong to no namespace; old packets write "about" for "rdf:about".
std::string name_of(const pugi::xml_attribute& attribute, const pugi::xml_node& node) {
  const std::string_view prefix = split(attribute.name()).prefix;
  return our_name(attribute.name(), prefix.empty() ? std::string_view() : uri_at(node, prefix));
}

bool is_declaration(std::string_view name) {
  return name == "xmlns" || name.starts_with("xmlns:");
}

bool is_property(const std::string& name) {
  return !name.starts_with("rdf:") && !name.starts_with("xml:") && name != "about";
}

Value value_of(const pugi::xml_node& node, int depth);

// The parts that an element says by attributes and by elements in it.
void take_parts(const pugi::xml_node& node, Properties& parts, int depth) {
  for (const pugi::xml_attribute& attribute : node.attributes()) {
    if (is_declaration(attribute.name())) continue;
    const std::string name = name_of(attribute, node);
    if (is_property(name)) parts[name] = Value::of(attribute.value());
  }
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    parts[name_of(child)] = value_of(child, depth + 1);
  }
}

// A value with qualifiers is a structure with rdf:value in it.
Value structure_of(Properties parts) {
  if (const auto value = parts.find("rdf:value"); value != parts.end()) {
    Value plain = value->second;
    return plain;
  }
  Value value{.kind = Value::Kind::structure};
  value.parts = std::move(parts);
  return value;
}

Value list_of(const pugi::xml_node& list, Value::Kind kind, int depth) {
  Value value{.kind = kind};
  for (const pugi::xml_node& item : list.children()) {
    if (item.type() == pugi::node_element) value.items.push_back(value_of(item, depth + 1));
  }
  return value;
}

Value value_of(const pugi::xml_node& node, int depth) {
  if (depth > kDeepest) return {};
  Properties parts;
  std::string language;
  for (const pugi::xml_attribute& attribute : node.attributes()) {
    if (is_declaration(attribute.name())) continue;
    const std::string name = name_of(attribute, node);
    if (name == "xml:lang") language = attribute.value();
    if (name == "rdf:resource") return Value::of(attribute.value());
    if (name == "rdf:parseType" && std::string_view(attribute.value()) == "Resource") {
      take_parts(node, parts, depth);
      return structure_of(std::move(parts));
    }
  }
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    const std::string name = name_of(child);
    if (name == "rdf:Bag") return list_of(child, Value::Kind::bag, depth);
    if (name == "rdf:Seq") return list_of(child, Value::Kind::seq, depth);
    if (name == "rdf:Alt") return list_of(child, Value::Kind::alt, depth);
    if (name == "rdf:Description") {
      take_parts(child, parts, depth);
      return structure_of(std::move(parts));
    }
  }
  take_parts(node, parts, depth);
  if (!parts.empty()) return structure_of(std::move(parts));
  Value value = Value::of(node.text().get());
  value.language = std::move(language);
  return value;
}

// The first element of this name, in document order.
pugi::xml_node find_rdf(const pugi::xml_node& top) {
  return top.find_node([](const pugi::xml_node& node) {
    return node.type() == pugi::node_element && name_of(node) == "rdf:RDF";
  });
}

}  // namespace

Value Value::of(std::string text) {
  return {.kind = Kind::text, .text = std::move(text)};
}

Value Value::list(Kind kind, const std::vector<std::string>& texts) {
  Value value{.kind = kind};
  for (const std::string& text : texts) value.items.push_back(of(text));
  return value;
}

Value Value::in_language(std::string text) {
  Value value{.kind = Kind::alt};
  value.items.push_back(of(std::move(text)));
  value.items.front().language = "x-default";
  return value;
}

std::string Value::one() const {
  if (kind == Kind::text) return text;
  for (const Value& item : items) {
    if (item.language == "x-default") return item.one();
  }
  return items.empty() ? std::string() : items.front().one();
}

std::vector<std::string> Value::all() const {
  std::vector<std::string> texts;
  if (kind == Kind::text && !text.empty()) texts.push_back(text);
  for (const Value& item : items) {
    std::string said = item.one();
    if (!said.empty()) texts.push_back(std::move(said));
  }
  return texts;
}

Result<Properties> parse(std::string_view packet) {
  LENSFS_TRY(const std::string text, as_utf8(packet));
  // Also holds the depth down, which the parser does not.
  LENSFS_TRY([[maybe_unused]] const auto spans, spans_of(text));
  pugi::xml_document document;
  const pugi::xml_parse_result parsed =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!parsed) return fail(Error(Errc::corrupt, "no XMP").with(parsed.description()));
  const pugi::xml_node rdf = find_rdf(document);
  if (!rdf) return fail(Errc::corrupt, "no XMP: there is no rdf:RDF in it");
  Properties properties;
  for (const pugi::xml_node& description : rdf.children()) {
    if (description.type() == pugi::node_element && name_of(description) == "rdf:Description") {
      take_parts(description, properties, 0);
    }
  }
  return properties;
}

}  // namespace lensfs::xmp
