// The images of a package: a file each below media/, or members of shards that are cut by content, so that an image
// more changes few of them.
#include <algorithm>
#include <optional>
#include <unordered_map>

#include "vetset/base/digest.h"
#include "vetset/base/tar_write.h"
#include "vetset/formats/vetset/vetset.h"

namespace vetset {
namespace {

constexpr std::uint64_t shard_target = 256ULL << 20;

/// An image file and the first sample that it is of.
struct MediaSource {
  std::string_view path;
  ImageIndex image{};
  std::string key;  // 16 hexadecimal digits of the sample's id
  MediaPlace place;
};

/// "jpg" of any file name; what other systems take for an extension, else "bin".
std::string plain_extension(std::string_view path) {
  std::string extension;
  for (const char c : extension_of(path)) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (!((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9'))) return "bin";
    extension += lower;
  }
  if (extension == "jpeg") return "jpg";
  return extension.empty() || extension.size() > 5 ? "bin" : extension;
}

Result<Bytes> read_whole(const Tree& media, MediaSource& source) {
  VETSET_TRY(Bytes bytes, media.read(source.path));
  source.place.size = bytes.size();
  source.place.sha256 = sha256(bytes).hex();
  return bytes;
}

/// Digests, and copies where `out` is given.
Result<void> copy_files(std::vector<MediaSource>& sources, const Tree& media, TreeWriter* out,
                        const WriteOptions& options) {
  const bool together = out == nullptr || out->concurrent();
  std::vector<Result<void>> done(sources.size());
  const auto work = [&](std::size_t i) {
    if (options.progress.stopped()) return;
    const auto bytes = read_whole(media, sources[i]);
    if (!bytes)
      done[i] = bytes.error();
    else if (out != nullptr)
      done[i] = out->copy(sources[i].place.path, media, sources[i].path);
  };
  constexpr std::size_t batch = 256;
  for (std::size_t begin = 0; begin < sources.size(); begin += batch) {
    const std::size_t count = std::min(batch, sources.size() - begin);
    if (together)
      options.pool.for_each(count, [&](std::size_t i) { work(begin + i); });
    else
      for (std::size_t i = 0; i < count; ++i) work(begin + i);
    if (options.progress.stopped()) return Error{Code::cancelled, "stopped"};
    options.progress.tell(out == nullptr ? "hashing" : "copying", begin + count, sources.size());
  }
  for (const Result<void>& one : done) VETSET_DO(one);
  return {};
}

/// Whether a shard ends behind this member: where it is large enough, and the key says so, in proportion to the bytes
/// that the member adds. So a cut does not depend on what lies before it.
bool ends_shard(std::string_view key, std::uint64_t member, std::uint64_t shard) {
  if (shard >= 4 * shard_target) return true;
  if (shard < shard_target / 4) return false;
  std::uint64_t number = 0;
  for (const char c : key.substr(0, 8))
    number = number << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return static_cast<double>(number) / 4294967296.0 < static_cast<double>(member) / static_cast<double>(shard_target);
}

Result<void> write_shards(std::vector<MediaSource>& sources, const Tree& media, TreeWriter& out,
                          const WriteOptions& options) {
  std::vector<MediaSource*> by_key;
  for (MediaSource& source : sources) by_key.push_back(&source);
  std::sort(by_key.begin(), by_key.end(), [](const MediaSource* a, const MediaSource* b) { return a->key < b->key; });
  for (std::size_t i = 1; i < by_key.size(); ++i)
    if (by_key[i - 1]->key == by_key[i]->key)
      return Error{Code::unsupported, "two samples have the same key " + by_key[i]->key, std::string(by_key[i]->path)};
  std::string shard;
  std::uint64_t at = 0;
  const auto append = [&](std::size_t i, const Bytes& bytes) -> Result<void> {
    MediaSource& source = *by_key[i];
    if (shard.empty()) {
      shard = "media/m-" + source.key + ".tar";
      at = 0;
      VETSET_DO(out.begin(shard));
    }
    const std::string member = source.key + "." + plain_extension(source.path);
    VETSET_TRY(const std::string header, tar_header(member, bytes.size()));
    VETSET_DO(out.append(header));
    VETSET_DO(out.append(bytes));
    VETSET_DO(out.append(tar_padding(bytes.size())));
    source.place.shard = shard;
    source.place.path = shard + "/" + member;
    source.place.offset = at + header.size();
    at = source.place.offset + bytes.size() + tar_padding(bytes.size()).size();
    if (ends_shard(source.key, bytes.size(), at) || i + 1 == by_key.size()) {
      VETSET_DO(out.append(tar_end()));
      VETSET_DO(out.finish());
      shard.clear();
    }
    options.progress.tell("packing images", i + 1, by_key.size());
    return {};
  };

  // Images are read and hashed by any thread, and written in their order.
  struct Image {
    std::size_t i;
    Bytes bytes;
  };
  std::size_t next = 0;
  return options.pool.in_order<std::size_t, Image>(
      [&]() -> Result<std::optional<std::size_t>> {
        if (options.progress.stopped()) return Error{Code::cancelled, "stopped"};
        return next < by_key.size() ? std::optional(next++) : std::nullopt;
      },
      [&](std::size_t& i) -> Result<Image> {
        VETSET_TRY(Bytes bytes, read_whole(media, *by_key[i]));
        return Image{i, std::move(bytes)};
      },
      [&](Image&& image) { return append(image.i, image.bytes); });
}

}  // namespace

std::string key_of_sample(std::string_view sample_id) { return sha256(sample_id).hex().substr(0, 16); }

Result<std::vector<MediaPlace>> write_package_media(const Dataset& d, const RowKeys& keys, const Tree& media,
                                                    TreeWriter& out, const WriteOptions& options) {
  std::vector<MediaSource> sources;
  std::unordered_map<std::string_view, std::size_t> known;
  std::vector<std::size_t> source_of(d.images.size(), ~std::size_t{0});
  for (std::size_t i = 0; i < d.images.size(); ++i) {
    const std::string_view path = d.text(d.images[i].media);
    if (path.empty() || (options.images == ImagesMode::none && !media.contains(path))) continue;
    const auto [at, added] = known.emplace(path, sources.size());
    if (added)
      sources.push_back({.path = path,
                         .image = to_index<ImageIndex>(i),
                         .key = key_of_sample(keys.images[i]),
                         .place = {.source = std::string(path)}});
    source_of[i] = at->second;
  }
  if (options.images == ImagesMode::none) {
    VETSET_DO(copy_files(sources, media, nullptr, options));
  } else if (options.task == "shards") {
    VETSET_DO(write_shards(sources, media, out, options));
  } else {
    for (MediaSource& source : sources) source.place.path = "media/" + std::string(source.path);
    VETSET_DO(copy_files(sources, media, &out, options));
  }
  if (sources.empty()) return std::vector<MediaPlace>();
  std::vector<MediaPlace> places(d.images.size());
  for (std::size_t i = 0; i < d.images.size(); ++i)
    if (source_of[i] < sources.size()) places[i] = sources[source_of[i]].place;
  return places;
}

}  // namespace vetset
