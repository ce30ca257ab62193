// What files say of themselves, as JSON lines: {"file": …, "facts": {…}} or {"file": …, "error":
// …}.
//
// usage: lensfs_read_facts FILE…
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "catalog/base/fd.h"
#include "catalog/base/text.h"
#include "transcode/engine.h"
#include "transcode/facts.h"

namespace {

using namespace lensfs;

Result<std::string> facts_of(const std::string& path) {
  LENSFS_TRY(const Fd file, open_path(path, O_RDONLY));
  LENSFS_TRY(const struct stat status, stat_of(file.get()));
  const MediaSource source{
      .fd = file.get(), .size = status.st_size, .extension = lower_extension(path)};
  const Fd output(::memfd_create("facts", MFD_CLOEXEC));
  const Order order{.recipe = {.form = Recipe::Form::facts, .format = "json"},
                    .output = output.get()};
  const Answers answers = make_facts(source, std::span(&order, 1), Progress());
  if (!answers.front()) return fail(answers.front().error());
  LENSFS_TRY(const struct stat written, stat_of(output.get()));
  std::string text(static_cast<std::size_t>(written.st_size), '\0');
  LENSFS_TRY([[maybe_unused]] const std::size_t got,
             read_full(output.get(), std::as_writable_bytes(std::span(text)), 0));
  return text;
}

}  // namespace

int main(int count, char** words) {
  prepare_stills();
  prepare_timed();
  prepare_facts();
  for (int i = 1; i < count; ++i) {
    const auto facts = facts_of(words[i]);
    Facts name;  // for its JSON
    name.text = words[i];
    Facts why;
    if (!facts) why.text = facts.error().message();
    std::printf("{\"%s\": %s, \"of\": %s}\n", facts ? "facts" : "error",
                facts ? facts->c_str() : why.json().c_str(), name.json().c_str());
    std::fflush(stdout);
  }
  return 0;
}
