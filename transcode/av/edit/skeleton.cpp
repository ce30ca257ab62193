#include "transcode/av/edit/skeleton.h"

#include <unistd.h>

#include <algorithm>
#include <span>

#include "catalog/base/fd.h"
#include "transcode/av/edit/edit_muxer.h"
#include "transcode/av/edit/pcm_tracks.h"
#include "transcode/av/edit/unit_gatherer.h"
#include "transcode/av/edit/write_io.h"

namespace lensfs::av {
namespace {

constexpr std::int64_t kPage = 4096;
constexpr std::int64_t kChunk = 1 << 20;  // what the muxer of MOV makes of packets in a row
constexpr std::int64_t kBytesPerChunk = 20;
constexpr std::int64_t kUsualMoov = 64 << 10;

Packet packet_of(std::string& bytes, std::int64_t size) {
  Packet packet = new_packet();
  const auto keep = [](void*, std::uint8_t*) {};
  auto* data = reinterpret_cast<std::uint8_t*>(bytes.data());
  packet->buf = av_buffer_create(data, bytes.size(), keep, nullptr, 0);
  packet->data = data;
  packet->size = static_cast<int>(size);
  return packet;
}

// Packets that hold nothing, from which a muxer takes what it wants to know.
class Dummies {
 public:
  [[nodiscard]] static Result<Dummies> make(const EditPlan& plan, PictureMaker* maker) {
    Dummies dummies;
    if (maker != nullptr) {
      LENSFS_TRY(const Frame black, maker->black());
      LENSFS_TRY(const AVPacket* const packet, maker->encode(*black));
      dummies.picture_.assign(reinterpret_cast<const char*>(packet->data),
                              static_cast<std::size_t>(packet->size));
    }
    std::int64_t most = 0;
    for (std::size_t track = 0; track < plan.tracks(); ++track) {
      most = std::max(most, std::int64_t{frame_bytes(plan, track)} * rate_of(plan, track));
    }
    for (std::size_t track = 0; track < plan.tracks(); ++track) {
      dummies.sounds_.emplace_back(static_cast<std::size_t>(most), '\0');
    }
    return dummies;
  }
  void show_to(WatchedIo& io) const {
    io.add(picture_);
    for (const std::string& sound : sounds_) io.add(sound);
  }
  [[nodiscard]] Status write_picture(EditMuxer& muxer, std::int64_t time) {
    if (!packet_) packet_ = packet_of(picture_, static_cast<std::int64_t>(picture_.size()));
    return muxer.write_picture(*packet_, time);
  }
  [[nodiscard]] Status write_sound(EditMuxer& muxer, std::size_t track, int bytes,
                                   std::int64_t time, std::int64_t count) {
    const Packet packet = packet_of(sounds_[track], bytes * count);
    return muxer.write_sound(track, *packet, time, count);
  }

 private:
  std::string picture_;
  std::vector<std::string> sounds_;
  Packet packet_;
};

Status write_literal(int fd, std::int64_t offset, std::string_view bytes) {
  return write_full(fd, std::as_bytes(std::span(bytes)), offset);
}

// Where packets came to lie that follow one another.
struct Laid {
  std::int64_t first = -1;
  std::int64_t end = -1;
  bool is_straight = true;
  void note(std::int64_t offset, std::int64_t bytes) {
    if (first < 0) first = offset;
    if (end >= 0 && offset != end) is_straight = false;
    end = offset + bytes;
  }
};

std::int64_t second_bytes(const EditPlan& plan, const EditIndex& index, std::int64_t second) {
  std::int64_t bytes = 0;
  for (std::size_t track = 0; track < plan.tracks(); ++track) {
    bytes += samples_in(plan, index, track, second) * frame_bytes(plan, track);
  }
  return bytes;
}

Status write_sounds(const EditPlan& plan, const EditIndex& index, EditMuxer& muxer,
                    Dummies& dummies) {
  const std::int64_t seconds = seconds_of(plan, index);
  for (std::int64_t second = 0; second < seconds; ++second) {
    for (std::size_t track = 0; track < plan.tracks(); ++track) {
      const std::int64_t count = samples_in(plan, index, track, second);
      if (count == 0) continue;
      LENSFS_CHECK(dummies.write_sound(muxer, track, frame_bytes(plan, track),
                                       second * rate_of(plan, track), count));
    }
  }
  return {};
}

Result<SlotMap> straight_slots(const EditPlan& plan, const EditIndex& index, const Laid& pictures,
                               const Laid& sounds, int picture_bytes, std::int64_t size) {
  if (!pictures.is_straight || !sounds.is_straight) {
    return fail(Errc::io, "the muxer laid out the file otherwise than it should");
  }
  std::vector<SlotRun> runs;
  if (plan.picture) runs.push_back({pictures.first, picture_bytes, index.count});
  // Seconds are of one size, but for the last ones.
  std::int64_t offset = sounds.first;
  for (std::int64_t second = 0; second < seconds_of(plan, index); ++second) {
    const std::int64_t bytes = second_bytes(plan, index, second);
    if (second > 0 && runs.back().bytes == bytes && runs.back().offset >= sounds.first) {
      ++runs.back().count;
    } else {
      runs.push_back({offset, bytes, 1});
    }
    offset += bytes;
  }
  return SlotMap::make(size, std::move(runs));
}

auto open_muxer(WatchedIo& io, const EditPlan& plan, const EditIndex& index, Input& source,
                const PictureMaker* maker, std::int64_t moov_bytes) {
  return EditMuxer::open(io.io(), {.plan = &plan,
                                   .index = &index,
                                   .source = &source,
                                   .picture = maker != nullptr ? &maker->codec() : nullptr,
                                   .moov_bytes = moov_bytes});
}

// One kind of packet after the other: MOV, WAV, AIFF.
Result<Skeleton> make_straight(const EditPlan& plan, const EditIndex& index, Input& source,
                               PictureMaker* maker, int bytes) {
  LENSFS_TRY(Dummies dummies, Dummies::make(plan, maker));
  Laid pictures;
  Laid sounds;
  LENSFS_TRY(const auto io, WatchedIo::open(
                                [&](std::size_t which, std::int64_t offset, std::int64_t size) {
                                  (which == 0 ? pictures : sounds).note(offset, size);
                                  return Status();
                                },
                                [&](std::int64_t offset, std::string_view literal) {
                                  return write_literal(bytes, offset, literal);
                                }));
  dummies.show_to(*io);
  LENSFS_TRY(const std::int64_t room, moov_room(plan, index, source, maker));
  LENSFS_TRY(const auto muxer, open_muxer(*io, plan, index, source, maker, room));
  for (std::int64_t slot = 0; plan.picture && slot < index.count; ++slot) {
    LENSFS_CHECK(dummies.write_picture(*muxer, slot));
  }
  LENSFS_CHECK(write_sounds(plan, index, *muxer, dummies));
  LENSFS_CHECK(muxer->finish());
  LENSFS_CHECK(io->verdict());
  LENSFS_TRY(SlotMap slots,
             straight_slots(plan, index, pictures, sounds,
                            maker != nullptr ? maker->frame_bytes() : 0, io->size()));
  return Skeleton{std::move(slots), {}};
}

// Edit unit by edit unit: MXF.
Result<Skeleton> make_interleaved(const EditPlan& plan, const EditIndex& index, Input& source,
                                  PictureMaker& maker, int bytes) {
  LENSFS_TRY(Dummies dummies, Dummies::make(plan, &maker));
  UnitGatherer units([bytes](std::int64_t offset, std::string_view literal) {
    return write_literal(bytes, offset, literal);
  });
  LENSFS_TRY(const auto io,
             WatchedIo::open([&](std::size_t which, std::int64_t offset,
                                 std::int64_t size) { return units.packet(which, offset, size); },
                             [&](std::int64_t offset, std::string_view literal) {
                               return units.literal(offset, literal);
                             }));
  dummies.show_to(*io);
  LENSFS_TRY(const auto muxer, open_muxer(*io, plan, index, source, &maker, 0));
  for (std::int64_t slot = 0; slot < index.count; ++slot) {
    LENSFS_CHECK(dummies.write_picture(*muxer, slot));
    for (std::size_t track = 0; track < plan.tracks(); ++track) {
      const std::int64_t zero = sample_at(plan, index, track, 0);
      const std::int64_t from = sample_at(plan, index, track, slot) - zero;
      const std::int64_t end = sample_at(plan, index, track, slot + 1) - zero;
      LENSFS_CHECK(dummies.write_sound(*muxer, track, frame_bytes(plan, track), from, end - from));
    }
  }
  LENSFS_CHECK(muxer->finish());
  LENSFS_CHECK(io->verdict());
  LENSFS_CHECK(units.finish());
  LENSFS_TRY(SlotMap slots, SlotMap::make(io->size(), units.runs()));
  return Skeleton{std::move(slots), units.take()};
}

}  // namespace

Result<std::int64_t> moov_room(const EditPlan& plan, const EditIndex& index, Input& source,
                               PictureMaker* maker) {
  if (plan.container != Container::mov) return 0;
  const std::int64_t frame = maker != nullptr ? maker->frame_bytes() : kChunk;
  const std::int64_t pictures = index.count / std::max<std::int64_t>((kChunk - 1) / frame, 1) + 2;
  const std::int64_t sounds = seconds_of(plan, index) * static_cast<std::int64_t>(plan.tracks());
  std::int64_t words = 0;
  for (const AVDictionaryEntry* said = nullptr;
       (said = av_dict_get(source.format().metadata, "", said, AV_DICT_IGNORE_SUFFIX)) !=
       nullptr;) {
    words += static_cast<std::int64_t>(std::string_view(said->value).size());
  }
  const std::int64_t room = kUsualMoov + 4 * words + kBytesPerChunk * (pictures + sounds);
  // Where the first packet comes to lie tells what is missing to a whole page.
  LENSFS_TRY(Dummies dummies, Dummies::make(plan, maker));
  std::int64_t first = -1;
  LENSFS_TRY(const auto io, WatchedIo::open(
                                [&](std::size_t, std::int64_t offset, std::int64_t) {
                                  if (first < 0) first = offset;
                                  return Status();
                                },
                                [](std::int64_t, std::string_view) { return Status(); }));
  dummies.show_to(*io);
  LENSFS_TRY(const auto muxer, open_muxer(*io, plan, index, source, maker, room));
  if (plan.picture) {
    LENSFS_CHECK(dummies.write_picture(*muxer, 0));
  } else {
    LENSFS_CHECK(dummies.write_sound(*muxer, 0, frame_bytes(plan, 0), 0, 1));
  }
  avio_flush(&io->io());
  return room + (kPage - first % kPage) % kPage;
}

Result<Skeleton> make_skeleton(const EditPlan& plan, const EditIndex& index, Input& source,
                               PictureMaker* maker, int bytes) {
  auto made = plan.container == Container::mxf
                  ? make_interleaved(plan, index, source, *maker, bytes)
                  : make_straight(plan, index, source, maker, bytes);
  if (made && ::ftruncate(bytes, made->slots.file_size()) != 0) return last_error("give a size");
  return made;
}

}  // namespace lensfs::av
