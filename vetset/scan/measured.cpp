// What a scan says of a file as bytes for the store, and which file on the disk it said it of.
#include <sys/stat.h>

#include <bit>
#include <chrono>
#include <filesystem>
#include <type_traits>

#include "vetset/scan/store.h"

namespace vetset {
namespace {

/// Appends values, little-endian.
class Packer {
 public:
  template <class... Values>
  void operator()(const Values&... values) {
    (put(values), ...);
  }
  std::string take() { return std::move(bytes_); }

 private:
  void put_whole(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes_ += static_cast<char>(value >> (8 * i) & 255U);
  }
  template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void put(T value) {
    put_whole(static_cast<std::uint64_t>(value), sizeof(T));
  }
  void put(float value) { put(std::bit_cast<std::uint32_t>(value)); }
  void put(double value) { put(std::bit_cast<std::uint64_t>(value)); }
  void put(const std::string& text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T, std::size_t n>
  void put(const std::array<T, n>& values) {
    for (const T& value : values) put(value);
  }
  void put(const Bits256& bits) { put(bits.words); }
  void put(const Hash128& hash) { (*this)(hash.high, hash.low); }
  void put(const Digest& digest) { put(digest.bytes); }

  std::string bytes_;
};

/// Takes them off again.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}
  template <class... Values>
  void operator()(Values&... values) {
    (get(values), ...);
  }
  /// Whether everything was there, and nothing is left.
  bool done() const { return whole_ && bytes_.empty(); }

 private:
  std::string_view cut(std::size_t size) {
    whole_ = whole_ && size <= bytes_.size();
    if (!whole_) return {};
    const std::string_view front = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return front;
  }
  template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void get(T& value) {
    std::uint64_t number = 0;
    const std::string_view front = cut(sizeof(T));
    for (std::size_t i = front.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(front[i]);
    value = static_cast<T>(number);
  }
  void get(float& value) {
    std::uint32_t bits = 0;
    get(bits);
    value = std::bit_cast<float>(bits);
  }
  void get(double& value) {
    std::uint64_t bits = 0;
    get(bits);
    value = std::bit_cast<double>(bits);
  }
  void get(std::string& text) {
    std::uint32_t size = 0;
    get(size);
    text = cut(size);
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool there = false;
    get(there);
    value.reset();
    if (there && whole_) get(value.emplace());
  }
  template <class T, std::size_t n>
  void get(std::array<T, n>& values) {
    for (T& value : values) get(value);
  }
  void get(Bits256& bits) { get(bits.words); }
  void get(Hash128& hash) { (*this)(hash.high, hash.low); }
  void get(Digest& digest) { get(digest.bytes); }

  std::string_view bytes_;
  bool whole_ = true;
};

/// Every field, in one order. The bindings name all members, so a member that is added does not compile until it is
/// here, and a store never gives back less than what was measured.
template <class Each, class Whole>
void each_field(Each& each, Whole& measured) {
  {
    auto& [status, type, orientation, width, height, channels, bits, bytes, trailing, has_digest, digest, reason] =
        measured.facts;
    each(status, type, orientation, width, height, channels, bits, bytes, trailing, has_digest, digest, reason);
  }
  auto& [status, reason, width, height, channels, bits, palette, cmyk, progressive, frames, pixels, coefficients,
         fingerprint, pdq, pdq_quality, quality, capture] = measured.pixels;
  each(status, reason, width, height, channels, bits, palette, cmyk, progressive, frames, pixels, coefficients, pdq,
       pdq_quality);
  {
    auto& [views, texture, has_borders] = fingerprint;
    each(views, texture, has_borders);
  }
  {
    auto& [sharpness, edge_width, luma, contrast, saturation, entropy, coloured, noise, blockiness, upper_band, borders,
           jpeg_quality] = quality;
    each(sharpness, edge_width, luma, contrast, saturation, entropy, coloured, noise, blockiness, upper_band, borders,
         jpeg_quality);
  }
  auto& [time_ms, utc_offset, latitude, longitude, make, model, serial, software, dropped] = capture;
  each(time_ms, utc_offset, latitude, longitude, make, model, serial, software, dropped);
}

/// The hash that stands before the fields, to tell damaged bytes.
std::string seal_of(std::string_view bytes) {
  Packer packer;
  packer(hash128(bytes).low);
  return packer.take();
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + std::int64_t{time.tv_nsec};
}

/// Whether a file that was changed then could be changed again without its times telling. Disks that count whole
/// seconds, or every second one, write zeros behind them.
bool may_change_unseen(std::int64_t changed_ns) {
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const std::int64_t step = changed_ns % 1'000'000'000 == 0 ? 2'500'000'000 : 50'000'000;
  return changed_ns > now - step;
}

}  // namespace

std::string to_bytes(const Measured& measured) {
  Packer packer;
  each_field(packer, measured);
  const std::string fields = packer.take();
  return seal_of(fields) + fields;
}

std::optional<Measured> measured_of(std::string_view bytes) {
  constexpr std::size_t seal = 8;
  if (bytes.size() < seal || seal_of(bytes.substr(seal)) != bytes.substr(0, seal)) return std::nullopt;
  Measured measured;
  Unpacker unpacker(bytes.substr(seal));
  each_field(unpacker, measured);
  const bool known = measured.facts.status <= Facts::Status::ok && measured.facts.type <= ImageType::mpo &&
                     measured.pixels.status <= DecodeStatus::unsupported;
  if (!unpacker.done() || !known) return std::nullopt;
  return measured;
}

std::optional<FileStamp> stamp_of(const Tree& tree, std::string_view path) {
  // A member of an archive is as old as the archive, and known by the archive's place and its own.
  std::string file = tree.disk_path(path);
  const bool member = file.empty();
  if (member) file = tree.name();
  struct stat seen{};
  if (stat(file.c_str(), &seen) != 0 || !S_ISREG(seen.st_mode)) return std::nullopt;
  FileStamp stamp{.bytes = static_cast<std::uint64_t>(seen.st_size),
                  .inode = seen.st_ino,
                  .changed_ns = nanoseconds(seen.st_ctim),
                  .modified_ns = nanoseconds(seen.st_mtim)};
  if (may_change_unseen(stamp.changed_ns)) return std::nullopt;
  if (file.front() != '/') {
    std::error_code failed;
    file = std::filesystem::absolute(file, failed).string();
    if (failed) return std::nullopt;
  }
  if (member) (file += '\0') += path;
  stamp.place = hash128(file);
  return stamp;
}

}  // namespace vetset
