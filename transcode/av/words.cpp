#include "transcode/av/words.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
}

#include <array>
#include <cstdarg>
#include <cstdio>

namespace lensfs::av {
namespace {

Words* listener_of(void* object) {
  const AVClass* kind = *static_cast<const AVClass**>(object);
  if (kind == avformat_get_class()) {
    return static_cast<Words*>(static_cast<AVFormatContext*>(object)->opaque);
  }
  if (kind == avcodec_get_class()) {
    return static_cast<Words*>(static_cast<AVCodecContext*>(object)->opaque);
  }
  return nullptr;
}

void hear(void* object, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_ERROR || object == nullptr) return;
  Words* words = listener_of(object);
  if (words == nullptr) return;
  std::array<char, 300> line{};
  std::vsnprintf(line.data(), line.size(), format, arguments);
  words->add(line.data());
}

}  // namespace

void Words::add(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '.')) line.remove_suffix(1);
  const std::scoped_lock lock(mutex_);
  if (first_.empty()) first_ = line;
  ++count_;
}

std::int64_t Words::count() const {
  const std::scoped_lock lock(mutex_);
  return count_;
}

Error Words::explain(const Error& error) const {
  const std::scoped_lock lock(mutex_);
  return first_.empty() ? error : error.with(first_);
}

void listen_to_libraries() {
  av_log_set_callback(hear);
}

}  // namespace lensfs::av
