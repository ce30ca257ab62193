#include "transcode/image/zip.h"

#include <cstdio>  // SEEK_CUR

namespace lensfs {
namespace {

la_ssize_t read_block(archive* /*zip*/, void* reading_of, const void** block) {
  auto& reading = *static_cast<ZipReading*>(reading_of);
  const auto got = reading.bytes.read_at(reading.offset, reading.block);
  if (!got) return ARCHIVE_FATAL;
  *block = reading.block.data();
  reading.offset += static_cast<std::int64_t>(*got);
  return static_cast<la_ssize_t>(*got);
}

la_int64_t seek_block(archive* /*zip*/, void* reading_of, la_int64_t offset, int whence) {
  auto& reading = *static_cast<ZipReading*>(reading_of);
  std::int64_t from = 0;
  if (whence == SEEK_CUR) from = reading.offset;
  if (whence == SEEK_END) from = reading.bytes.size();
  if (from + offset < 0) return ARCHIVE_FATAL;
  reading.offset = from + offset;
  return reading.offset;
}

}  // namespace

Result<Archive> open_zip(ZipReading& reading) {
  reading.offset = 0;
  Archive zip(archive_read_new(), archive_read_free);
  archive_read_support_format_zip_seekable(zip.get());
  archive_read_set_read_callback(zip.get(), read_block);
  archive_read_set_seek_callback(zip.get(), seek_block);
  archive_read_set_callback_data(zip.get(), &reading);
  if (archive_read_open1(zip.get()) == ARCHIVE_OK) return zip;
  const char* said = archive_error_string(zip.get());
  return fail(Error(Errc::corrupt, "cannot be unpacked").with(said == nullptr ? "" : said));
}

}  // namespace lensfs
