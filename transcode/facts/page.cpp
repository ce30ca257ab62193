// PDF, by poppler: its properties and the words of its pages.
#include <poppler.h>

#include <memory>

#include "transcode/facts/readers.h"

namespace lensfs::facts {
namespace {

constexpr int kMostPages = 2000;

struct Release {
  void operator()(void* object) const { g_object_unref(object); }
};
struct Text {
  char* text;
  ~Text() { g_free(text); }
};

void say(Facts& facts, std::string_view key, char* owned) {
  const Text text{owned};
  if (text.text != nullptr) facts.say(key, readable(text.text));
}

void say_keywords(Facts& facts, char* owned) {
  const Text text{owned};
  if (text.text == nullptr) return;
  std::string_view rest = text.text;
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of(",;");
    facts.add_keyword(readable(rest.substr(0, end)));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
}

void say_date(Facts& facts, GDateTime* owned) {
  if (owned == nullptr) return;
  char* text = g_date_time_format(owned, "%Y-%m-%dT%H:%M:%S%:z");
  g_date_time_unref(owned);
  say(facts, "shot", text);
}

}  // namespace

Status read_page(const Bytes& bytes, Facts& facts) {
  LENSFS_TRY(const auto content, bytes.all());
  const std::unique_ptr<GBytes, decltype(&g_bytes_unref)> held(
      g_bytes_new_static(content.data(), content.size()), g_bytes_unref);
  GError* error = nullptr;
  const std::unique_ptr<PopplerDocument, Release> document(
      poppler_document_new_from_bytes(held.get(), nullptr, &error));
  if (!document) {
    const bool is_locked = error != nullptr && error->code == POPPLER_ERROR_ENCRYPTED;
    Error why = is_locked ? Error(Errc::not_supported, "the document needs a password")
                          : Error(Errc::corrupt, "the document is damaged")
                                .with(error != nullptr ? error->message : "");
    g_clear_error(&error);
    return fail(std::move(why));
  }
  say(facts, "title", poppler_document_get_title(document.get()));
  say(facts, "creator", poppler_document_get_author(document.get()));
  say(facts, "description", poppler_document_get_subject(document.get()));
  say_keywords(facts, poppler_document_get_keywords(document.get()));
  say(facts, "software", poppler_document_get_creator(document.get()));
  say(facts, "software", poppler_document_get_producer(document.get()));
  say_date(facts, poppler_document_get_creation_date_time(document.get()));
  const Text packet{poppler_document_get_metadata(document.get())};
  if (packet.text != nullptr) take_xmp(packet.text, facts);
  const int pages = poppler_document_get_n_pages(document.get());
  facts.say("pages", pages);
  for (int i = 0; i < std::min(pages, kMostPages) && facts.text.size() < kLongestWords; ++i) {
    const std::unique_ptr<PopplerPage, Release> page(poppler_document_get_page(document.get(), i));
    if (!page) continue;
    const Text words{poppler_page_get_text(page.get())};
    if (words.text != nullptr) facts.add_words(words.text);
  }
  return {};
}

}  // namespace lensfs::facts
