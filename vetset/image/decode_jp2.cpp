// JPEG 2000 by OpenJPEG, where the system has it: grey and RGB with or without alpha, up to 16 bits a sample.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

#include "vetset/image/decoders.h"
#include "vetset/image/exif.h"
#include "vetset/image/system_library.h"

#if __has_include(<openjpeg-2.5/openjpeg.h>)
#include <openjpeg-2.5/openjpeg.h>
#define VETSET_KNOWS_OPENJPEG
#endif

namespace vetset {
namespace {

// The part of OpenJPEG's interface (openjpeg.h) that is used here, as version 7 of the library has it.
struct Jp2Component {
  std::uint32_t dx, dy, width, height, x0, y0, precision, obsolete, is_signed, resolutions, factor;
  std::int32_t* data;
  std::uint16_t alpha;
};
struct Jp2Image {
  std::uint32_t x0, y0, x1, y1, count;
  int colours;
  Jp2Component* components;
  std::uint8_t* profile;
  std::uint32_t profile_bytes;
};
#ifdef VETSET_KNOWS_OPENJPEG
static_assert(sizeof(Jp2Component) == sizeof(opj_image_comp_t) && sizeof(Jp2Image) == sizeof(opj_image_t));
static_assert(offsetof(Jp2Component, precision) == offsetof(opj_image_comp_t, prec));
static_assert(offsetof(Jp2Component, is_signed) == offsetof(opj_image_comp_t, sgnd));
static_assert(offsetof(Jp2Component, data) == offsetof(opj_image_comp_t, data));
static_assert(offsetof(Jp2Image, count) == offsetof(opj_image_t, numcomps));
static_assert(offsetof(Jp2Image, colours) == offsetof(opj_image_t, color_space));
static_assert(offsetof(Jp2Image, components) == offsetof(opj_image_t, comps));
#endif
struct Jp2Codec;
struct Jp2Stream;
struct alignas(16) Jp2Parameters {  // opj_dparameters_t has 8,260 bytes; the library alone writes and reads it
  std::byte bytes[65536] = {};
};
#ifdef VETSET_KNOWS_OPENJPEG
static_assert(sizeof(Jp2Parameters) >= 4 * sizeof(opj_dparameters_t));
#endif
constexpr int format_codestream = 0, format_jp2 = 2;
constexpr int colours_sycc = 3, colours_eycc = 4, colours_cmyk = 5;

struct Jp2 {
  Jp2() {
    library.bind(version, "opj_version");
    library.bind(new_codec, "opj_create_decompress");
    library.bind(free_codec, "opj_destroy_codec");
    library.bind(defaults, "opj_set_default_decoder_parameters");
    library.bind(setup, "opj_setup_decoder");
    library.bind(on_error, "opj_set_error_handler");
    library.bind(on_warning, "opj_set_warning_handler");
    library.bind(new_stream, "opj_stream_create");
    library.bind(free_stream, "opj_stream_destroy");
    library.bind(set_read, "opj_stream_set_read_function");
    library.bind(set_skip, "opj_stream_set_skip_function");
    library.bind(set_seek, "opj_stream_set_seek_function");
    library.bind(set_data, "opj_stream_set_user_data");
    library.bind(set_length, "opj_stream_set_user_data_length");
    library.bind(read_header, "opj_read_header");
    library.bind(decode, "opj_decode");
    library.bind(free_image, "opj_image_destroy");
    library.bind_optional(set_strict, "opj_decoder_set_strict_mode");
  }

  SystemLibrary library{"libopenjp2.so.7"};
  const char* (*version)() = nullptr;
  Jp2Codec* (*new_codec)(int) = nullptr;
  void (*free_codec)(Jp2Codec*) = nullptr;
  void (*defaults)(Jp2Parameters*) = nullptr;
  int (*setup)(Jp2Codec*, Jp2Parameters*) = nullptr;
  int (*on_error)(Jp2Codec*, void (*)(const char*, void*), void*) = nullptr;
  int (*on_warning)(Jp2Codec*, void (*)(const char*, void*), void*) = nullptr;
  Jp2Stream* (*new_stream)(std::size_t, int) = nullptr;
  void (*free_stream)(Jp2Stream*) = nullptr;
  void (*set_read)(Jp2Stream*, std::size_t (*)(void*, std::size_t, void*)) = nullptr;
  void (*set_skip)(Jp2Stream*, std::int64_t (*)(std::int64_t, void*)) = nullptr;
  void (*set_seek)(Jp2Stream*, int (*)(std::int64_t, void*)) = nullptr;
  void (*set_data)(Jp2Stream*, void*, void (*)(void*)) = nullptr;
  void (*set_length)(Jp2Stream*, std::uint64_t) = nullptr;
  int (*read_header)(Jp2Stream*, Jp2Codec*, Jp2Image**) = nullptr;
  int (*decode)(Jp2Codec*, Jp2Stream*, Jp2Image*) = nullptr;
  void (*free_image)(Jp2Image*) = nullptr;
  int (*set_strict)(Jp2Codec*, int) = nullptr;
};

const Jp2& jp2() {
  static const Jp2 jp2;
  return jp2;
}

struct Source {
  std::string_view bytes;
  std::size_t at = 0;
};

std::size_t read_source(void* to, std::size_t wanted, void* user) {
  auto& source = *static_cast<Source*>(user);
  const std::size_t count = std::min(wanted, source.bytes.size() - source.at);
  if (count == 0) return static_cast<std::size_t>(-1);
  std::memcpy(to, source.bytes.data() + source.at, count);
  source.at += count;
  return count;
}
std::int64_t skip_source(std::int64_t wanted, void* user) {
  auto& source = *static_cast<Source*>(user);
  const auto left = static_cast<std::int64_t>(source.bytes.size() - source.at);
  if (wanted < 0 || left == 0) return -1;
  const std::int64_t count = std::min(wanted, left);
  source.at += static_cast<std::size_t>(count);
  return count;
}
int seek_source(std::int64_t to, void* user) {
  auto& source = *static_cast<Source*>(user);
  if (to < 0 || static_cast<std::uint64_t>(to) > source.bytes.size()) return 0;
  source.at = static_cast<std::size_t>(to);
  return 1;
}

/// Keeps the first message, without the line's end.
void keep_message(const char* message, void* user) {
  auto& kept = *static_cast<std::string*>(user);
  if (!kept.empty() || message == nullptr) return;
  kept = message;
  kept.erase(std::min(kept.find_last_not_of(" \r\n") + 1, kept.size()));
}

/// Why a picture of these components is not read; empty where it is.
std::string obstacle(const Jp2Image& image) {
  if (image.count < 1 || image.count > 4) return "has " + std::to_string(image.count) + " components, expected 1 to 4";
  if (image.colours == colours_sycc || image.colours == colours_eycc)
    return "has colours as luma and chroma, expected grey or RGB";
  const Jp2Component& first = image.components[0];
  for (std::uint32_t c = 0; c < image.count; ++c) {
    const Jp2Component& component = image.components[c];
    if (component.width != first.width || component.height != first.height || component.dx != 1 || component.dy != 1)
      return "has components of several sizes";
    if (component.precision < 1 || component.precision > 16)
      return "has samples of " + std::to_string(component.precision) + " bits, expected 1 to 16";
  }
  return {};
}

void put_component(const Jp2Component& component, std::uint32_t place, Raster& raster) {
  const std::int64_t largest = (std::int64_t{1} << component.precision) - 1;
  const std::int64_t offset = component.is_signed != 0 ? std::int64_t{1} << (component.precision - 1) : 0;
  const std::int64_t range = raster.bits == 16 ? 65535 : 255;
  const std::size_t count = std::size_t{raster.width} * raster.height, step = raster.bits / 8u;
  std::uint8_t* out = raster.samples.data() + place * step;
  for (std::size_t i = 0; i < count; ++i, out += raster.channels * step) {
    const std::int64_t value = std::clamp<std::int64_t>(component.data[i] + offset, 0, largest);
    const auto scaled = static_cast<std::uint32_t>(largest == range ? value : (value * range + largest / 2) / largest);
    out[0] = static_cast<std::uint8_t>(scaled & 255U);
    if (step == 2) out[1] = static_cast<std::uint8_t>(scaled >> 8);
  }
}

/// True where all of it was decoded; `strict`: nothing may be missing.
bool decode_once(std::string_view bytes, bool strict, const DecodeOptions& options, Decoded& d) {
  const Jp2& j = jp2();
  const int format = big32(bytes, 0) == 0xff4fff51U ? format_codestream : format_jp2;
  std::string message;
  Source source{bytes};
  const std::unique_ptr<Jp2Codec, void (*)(Jp2Codec*)> codec(j.new_codec(format), j.free_codec);
  const std::unique_ptr<Jp2Stream, void (*)(Jp2Stream*)> stream(j.new_stream(std::size_t{1} << 16, 1), j.free_stream);
  if (codec == nullptr || stream == nullptr) return set_broken(d, "OpenJPEG has no memory"), false;
  j.on_error(codec.get(), keep_message, &message);
  j.on_warning(codec.get(), [](const char*, void*) {}, nullptr);
  j.set_read(stream.get(), read_source);
  j.set_skip(stream.get(), skip_source);
  j.set_seek(stream.get(), seek_source);
  j.set_data(stream.get(), &source, nullptr);
  j.set_length(stream.get(), bytes.size());
  const auto parameters = std::make_unique<Jp2Parameters>();
  j.defaults(parameters.get());
  Jp2Image* found = nullptr;
  const bool begun = j.setup(codec.get(), parameters.get()) != 0 &&
                     (j.set_strict == nullptr || j.set_strict(codec.get(), strict ? 1 : 0) != 0) &&
                     j.read_header(stream.get(), codec.get(), &found) != 0 && found != nullptr;
  const std::unique_ptr<Jp2Image, void (*)(Jp2Image*)> image(found, j.free_image);
  const auto said = [&] { return "OpenJPEG says: " + (message.empty() ? std::string("nothing") : message); };
  if (!begun) return set_broken(d, said()), false;

  d.cmyk = found->colours == colours_cmyk;
  if (d.cmyk)
    return set_unsupported(d, "holds the four inks of print (CMYK), expected grey or colours of a screen"), false;
  const std::uint64_t width = found->x1 - std::uint64_t{found->x0}, height = found->y1 - std::uint64_t{found->y0};
  if (found->x1 <= found->x0 || found->y1 <= found->y0) return set_broken(d, "states no size"), false;
  std::uint32_t precision = 8;
  for (std::uint32_t c = 0; c < found->count; ++c) precision = std::max(precision, found->components[c].precision);
  const DecodedFrame frame{width, height, std::clamp(found->count, 1U, 4U), precision > 8 ? 16U : 8U};
  if (!make_room(frame, bytes, options, d)) return false;
  if (j.decode(codec.get(), stream.get(), found) == 0) return set_broken(d, said()), false;
  if (const std::string why = obstacle(*found); !why.empty()) return set_unsupported(d, why), false;
  const Jp2Component& first = found->components[0];
  d.stored_bits = static_cast<std::uint8_t>(first.precision);
  d.raster.channels = static_cast<std::uint8_t>(found->count);  // a palette gives more than the header says
  d.raster.samples.resize(d.raster.row_bytes() * d.raster.height);
  for (std::uint32_t c = 0; c < found->count; ++c) {
    const Jp2Component& component = found->components[c];
    if (component.data == nullptr || component.width != width || component.height != height)
      return set_broken(d, "gives pixels of another size than its header states"), false;
    put_component(component, c, d.raster);
  }
  return true;
}

}  // namespace

void decode_jp2(std::string_view bytes, const DecodeOptions& options, Decoded& d) {
  if (decode_once(bytes, true, options, d) || d.status != DecodeStatus::broken || jp2().set_strict == nullptr) return;
  const std::string reason = d.reason;
  d.status = DecodeStatus::not_decoded;
  d.raster = {};
  if (decode_once(bytes, false, options, d)) set_partial(d, reason);
}

std::string jp2_library() { return jp2().library ? "OpenJPEG " + std::string(jp2().version()) : std::string(); }

}  // namespace vetset
