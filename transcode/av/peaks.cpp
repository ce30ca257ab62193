#include "transcode/av/peaks.h"

extern "C" {
#include <libavutil/channel_layout.h>
}

#include <algorithm>

namespace lensfs::av {
namespace {

void widen(Peaks::Span& span, const Peaks::Span& by) {
  span.least = std::min(span.least, by.least);
  span.most = std::max(span.most, by.most);
}

}  // namespace

Status Peaks::take(const AVFrame& frame) {
  const int channels = frame.ch_layout.nb_channels;
  if (!to_float_ || frame.format != like_->format || channels != like_->ch_layout.nb_channels) {
    AVChannelLayout layout{};
    av_channel_layout_default(&layout, channels);
    SwrContext* made = nullptr;
    int result = swr_alloc_set_opts2(&made, &layout, AV_SAMPLE_FMT_FLTP, 48000, &layout,
                                     static_cast<AVSampleFormat>(frame.format), 48000, 0, nullptr);
    to_float_.reset(made);
    av_channel_layout_uninit(&layout);
    if (result >= 0) result = swr_init(made);
    if (result < 0) return fail(av_error(result, "convert sound"));
    like_->format = frame.format;
    av_channel_layout_copy(&like_->ch_layout, &frame.ch_layout);
  }
  if (channels_ == 0) {
    channels_ = std::min(channels, kMostChannels);
    open_.resize(static_cast<std::size_t>(channels_));
    spans_.resize(static_cast<std::size_t>(channels_));
  }
  av_frame_unref(converted_.get());
  converted_->format = AV_SAMPLE_FMT_FLTP;
  converted_->nb_samples = frame.nb_samples;
  av_channel_layout_default(&converted_->ch_layout, std::max(channels, channels_));
  int result = av_frame_get_buffer(converted_.get(), 0);
  if (result < 0) return fail(av_error(result, "convert sound"));
  auto** const from = const_cast<const std::uint8_t**>(frame.extended_data);
  result = swr_convert(to_float_.get(), converted_->extended_data, frame.nb_samples, from,
                       frame.nb_samples);
  if (result < 0) return fail(av_error(result, "convert sound"));
  add(reinterpret_cast<const float* const*>(converted_->extended_data), result);
  return {};
}

void Peaks::add(const float* const* samples, int count) {
  const int known = std::min(channels_, like_->ch_layout.nb_channels);
  for (int done = 0; done < count;) {
    const auto now =
        static_cast<int>(std::min<std::int64_t>(count - done, samples_per_span_ - in_open_));
    for (int channel = 0; channel < known; ++channel) {
      const auto [least, most] =
          std::minmax_element(samples[channel] + done, samples[channel] + done + now);
      Span& open = open_[static_cast<std::size_t>(channel)];
      const Span span{*least, *most};
      if (in_open_ == 0) open = span;
      widen(open, span);
    }
    in_open_ += now;
    done += now;
    if (in_open_ == samples_per_span_) close_span();
  }
}

void Peaks::close_span() {
  for (std::size_t channel = 0; channel < spans_.size(); ++channel) {
    spans_[channel].push_back(open_[channel]);
  }
  in_open_ = 0;
  if (spans_.front().size() < kMostSpans) return;
  samples_per_span_ *= 2;
  for (auto& spans : spans_) {
    for (std::size_t pair = 0; pair < kMostSpans / 2; ++pair) {
      Span joined = spans[2 * pair];
      widen(joined, spans[2 * pair + 1]);
      spans[pair] = joined;
    }
    spans.resize(kMostSpans / 2);
  }
}

std::vector<Peaks::Span> Peaks::columns(int channel, int columns) const {
  std::vector<Span> all = spans_[static_cast<std::size_t>(channel)];
  if (in_open_ > 0) all.push_back(open_[static_cast<std::size_t>(channel)]);
  std::vector<Span> drawn(static_cast<std::size_t>(columns));
  if (all.empty()) return drawn;
  const std::size_t count = drawn.size();
  for (std::size_t column = 0; column < count; ++column) {
    const std::size_t begin = column * all.size() / count;
    const std::size_t end = std::max(begin + 1, (column + 1) * all.size() / count);
    drawn[column] = all[begin];
    for (std::size_t span = begin + 1; span < end; ++span) widen(drawn[column], all[span]);
  }
  return drawn;
}

}  // namespace lensfs::av
