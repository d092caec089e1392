// JPEG by libjpeg-turbo: exact inverse DCT and smooth upsampling, so that samples equal those of Pillow and OpenCV.
#include <cstddef>
#include <cstdio>
// jpeglib.h takes FILE and size_t for granted.
#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <memory>

#include "vetset/image/decoders.h"

#define VETSET_TEXT_OF(token) #token
#define VETSET_TEXT(token) VETSET_TEXT_OF(token)

namespace vetset {
namespace {

constexpr int scans_granted = 200;  // a progressive file has about 10; each costs a walk over the whole picture

/// libjpeg with its errors as values. It leaves by longjmp: what runs under `attempt` owns nothing.
class JpegReader {
 public:
  explicit JpegReader(std::string_view bytes) {
    z.err = jpeg_std_error(&errors_);
    z.client_data = this;
    errors_.error_exit = [](j_common_ptr c) {
      auto* const self = static_cast<JpegReader*>(c->client_data);
      self->fatal = c->err->msg_code;
      std::longjmp(self->back_, 1);
    };
    errors_.emit_message = [](j_common_ptr c, int level) {
      if (level < 0) static_cast<JpegReader*>(c->client_data)->warn();
    };
    created_ = attempt([&] {
      jpeg_create_decompress(&z);
      z.progress = &progress_;
      jpeg_mem_src(&z, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    });
    progress_.progress_monitor = [](j_common_ptr c) { static_cast<JpegReader*>(c->client_data)->count_scans(); };
  }
  ~JpegReader() {
    if (created_) jpeg_destroy_decompress(&z);
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  template <class Step>
  [[gnu::noinline]] bool attempt(Step step) {
    if (setjmp(back_) != 0) return false;
    step();
    return true;
  }

  void count_scans() {
    if (z.input_scan_number <= scans_granted) return;
    too_many_scans = true;
    std::longjmp(back_, 1);
  }

  /// What libjpeg says of the message it gave last.
  std::string said() {
    char text[JMSG_LENGTH_MAX] = {};
    errors_.format_message(reinterpret_cast<j_common_ptr>(&z), text);
    return text;
  }

  jpeg_decompress_struct z{};
  int fatal = 0;  // a message code; 0: none
  bool too_many_scans = false;
  bool ended = false;         // the bytes did, before the end-of-image marker
  bool lacking = false;       // entropy-coded data that should be there are not
  int damage = 0;             // the first other warning that costs pixels: its code
  JDIMENSION sound_rows = 0;  // of iMCUs, before the first warning
  char damage_text[JMSG_LENGTH_MAX] = {};

 private:
  void warn() {
    const int code = errors_.msg_code;
    if (code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR) return;       // nothing is lost
    if (code == JWRN_EXTRANEOUS_DATA && z.input_scan_number == 0) return;  // between segments
    if (!ended && !lacking && damage == 0) sound_rows = z.input_iMCU_row;
    if (code == JWRN_JPEG_EOF) {
      ended = true;
    } else if (code == JWRN_HIT_MARKER) {
      lacking = true;
    } else if (damage == 0) {
      damage = code;
      errors_.format_message(reinterpret_cast<j_common_ptr>(&z), damage_text);
    }
  }

  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf back_{};
  bool created_ = false;
};

/// The quality that libjpeg would have been asked for: the one whose luma table is the nearest. The standard table is
/// that of ITU-T T.81, K.1, in natural order.
std::uint8_t quality_of(const JQUANT_TBL& table) {
  constexpr int standard[DCTSIZE2] = {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
                                      14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
                                      18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
                                      49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
  const int largest = *std::max_element(std::begin(table.quantval), std::end(table.quantval)) > 255 ? 32767 : 255;
  int best = 0;
  long least = 0;
  for (int quality = 100; quality >= 1; --quality) {
    const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    long distance = 0;
    for (int i = 0; i < DCTSIZE2; ++i)
      distance += std::labs(std::clamp((standard[i] * scale + 50) / 100, 1, largest) - long{table.quantval[i]});
    if (best == 0 || distance < least) best = quality, least = distance;
    if (distance == 0) break;
  }
  return static_cast<std::uint8_t>(best);
}

std::string_view bytes_of(const void* data, std::size_t size) { return {static_cast<const char*>(data), size}; }

/// Size, sampling, tables and coefficients: what a lossless rewrite keeps. Of the blocks those that the picture
/// touches; the rest of the last unit is padding, which coders fill as they like.
void hash_coefficients(jpeg_decompress_struct& z, jvirt_barray_ptr* arrays, Hasher128& hasher) {
  const auto number = [&](std::uint32_t value) { hasher.add(bytes_of(&value, sizeof value)); };
  number(z.image_width);
  number(z.image_height);
  number(static_cast<std::uint32_t>(z.jpeg_color_space));
  number(static_cast<std::uint32_t>(z.num_components));
  for (int c = 0; c < z.num_components; ++c) {
    const jpeg_component_info& component = z.comp_info[c];
    number(static_cast<std::uint32_t>(component.h_samp_factor));
    number(static_cast<std::uint32_t>(component.v_samp_factor));
    if (component.quant_table != nullptr)
      hasher.add(bytes_of(component.quant_table->quantval, sizeof component.quant_table->quantval));
    for (JDIMENSION row = 0; row < component.height_in_blocks; ++row) {
      JBLOCKARRAY blocks = (*z.mem->access_virt_barray)(reinterpret_cast<j_common_ptr>(&z), arrays[c], row, 1, FALSE);
      hasher.add(bytes_of(blocks[0], component.width_in_blocks * sizeof(JBLOCK)));
    }
  }
}

void read_rows(jpeg_decompress_struct& z, Raster& raster) {
  constexpr JDIMENSION at_once = 16;
  const std::size_t row_bytes = raster.row_bytes();
  while (z.output_scanline < z.output_height) {
    JSAMPROW rows[at_once];
    const JDIMENSION count = std::min(at_once, z.output_height - z.output_scanline);
    for (JDIMENSION i = 0; i < count; ++i) rows[i] = raster.samples.data() + (z.output_scanline + i) * row_bytes;
    jpeg_read_scanlines(&z, rows, count);
  }
}

/// glibc hands memory back after each picture, and takes it page by page for the next one, until a large block has been
/// freed once: from then on it keeps twice as much. With coefficients this takes a third of the time away.
void keep_memory() {
  constexpr std::size_t large = 16U << 20;
  static const bool once = [] {
    void* volatile block = std::malloc(large);
    std::free(block);
    return true;
  }();
  static_cast<void>(once);
}

/// Keeps every coefficient while it reads, so that one entropy decoding gives the pixels and the hash.
bool read_both(JpegReader& reader, Raster& raster, Hasher128& hasher) {
  jpeg_decompress_struct& z = reader.z;
  return reader.attempt([&] {
    z.buffered_image = TRUE;
    jpeg_start_decompress(&z);
    while (jpeg_consume_input(&z) != JPEG_REACHED_EOI) reader.count_scans();
    jpeg_start_output(&z, z.input_scan_number);
    read_rows(z, raster);
    jpeg_finish_output(&z);
    hash_coefficients(z, jpeg_read_coefficients(&z), hasher);
  });
}

bool read_pixels(JpegReader& reader, Raster& raster) {
  return reader.attempt([&] {
    jpeg_start_decompress(&reader.z);
    read_rows(reader.z, raster);
    jpeg_finish_decompress(&reader.z);
  });
}

bool is_other_kind(int code) {
  return code == JERR_BAD_PRECISION || code == JERR_SOF_UNSUPPORTED || code == JERR_ARITH_NOTIMPL ||
         code == JERR_CONVERSION_NOTIMPL || code == JERR_FRACT_SAMPLE_NOTIMPL || code == JERR_CCIR601_NOTIMPL;
}

void set_fatal(JpegReader& reader, Decoded& d) {
  if (reader.too_many_scans) {
    d.status = DecodeStatus::refused;
    d.reason = "has more than " + std::to_string(scans_granted) + " scans";
  } else if (reader.fatal == JERR_BAD_PRECISION) {
    set_unsupported(d, "has samples of " + std::to_string(reader.z.data_precision) + " bits, expected 8");
  } else if (is_other_kind(reader.fatal)) {
    set_unsupported(d, "libjpeg says: " + reader.said());
  } else {
    set_cut(d, d.raster.empty() ? 0 : reader.z.output_scanline, "libjpeg says: " + reader.said());
  }
}

void set_warned(const JpegReader& reader, Decoded& d) {
  const std::uint64_t rows =
      std::uint64_t{reader.sound_rows} * static_cast<std::uint32_t>(reader.z.max_v_samp_factor) * DCTSIZE;
  if (reader.ended && reader.lacking && !d.progressive && rows < d.raster.height)
    return set_partial(d, "ends in the middle of its pixels: row " + std::to_string(rows) + " of " +
                              std::to_string(d.raster.height) + " and those after it are missing");
  if (reader.damage != 0) return set_partial(d, "libjpeg says: " + std::string(reader.damage_text));
  if (reader.ended)
    return set_partial(d, reader.lacking ? "ends in the middle of its pixels" : "ends without its end-of-image marker");
  if (reader.lacking) return set_partial(d, "has less compressed data than pixels");
}

/// Inks, stored inverted as Adobe does, to RGB: black takes from all, each ink from one of what is left.
void to_colours(Raster& raster) {
  const std::size_t count = std::size_t{raster.width} * raster.height;
  std::uint8_t* to = raster.samples.data();
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* const from = raster.samples.data() + 4 * i;
    const std::uint32_t left = from[3];  // 255 less the black
    const std::uint32_t inks[] = {255U - from[0], 255U - from[1], 255U - from[2]};
    for (const std::uint32_t ink : inks) {
      const std::uint32_t product = ink * left + 128;
      *to++ = static_cast<std::uint8_t>(left - (((product >> 8) + product) >> 8));
    }
  }
  raster.channels = 3;
  raster.samples.resize(3 * count);
}

}  // namespace

void decode_jpeg(std::string_view bytes, const DecodeOptions& options, Decoded& d) {
  const auto reader = std::make_unique<JpegReader>(bytes);
  jpeg_decompress_struct& z = reader->z;
  if (!reader->attempt([&] { jpeg_read_header(&z, TRUE); })) return set_fatal(*reader, d);
  d.progressive = z.progressive_mode != 0;
  d.cmyk = z.jpeg_color_space == JCS_CMYK || z.jpeg_color_space == JCS_YCCK;
  const JQUANT_TBL* const table = z.quant_tbl_ptrs[z.comp_info[0].quant_tbl_no & 3];
  if (table != nullptr) d.jpeg_quality = quality_of(*table);
  const bool inks = d.cmyk && options.inks && !options.luma_only && !options.coefficients;
  if (d.cmyk && !inks)
    return set_unsupported(d, "holds the four inks of print (CMYK), expected grey or colours of a screen");
  if (!inks && z.num_components != 1 && z.num_components != 3)
    return set_unsupported(d, "has " + std::to_string(z.num_components) + " components, expected 1 or 3");
  const bool grey = z.num_components == 1 || options.luma_only;
  if (!make_room({z.image_width, z.image_height, grey ? 1U : inks ? 4U : 3U}, bytes, options, d)) return;
  z.out_color_space = grey ? JCS_GRAYSCALE : inks ? JCS_CMYK : JCS_RGB;
  z.dct_method = JDCT_ISLOW;
  z.do_fancy_upsampling = TRUE;
  Hasher128 hasher;
  if (options.coefficients) {
    keep_memory();
    if (!read_both(*reader, d.raster, hasher)) {  // what comes before the fault is had by plain reading
      DecodeOptions plain = options;
      plain.coefficients = false;
      return decode_jpeg(bytes, plain, d);
    }
  } else if (!read_pixels(*reader, d.raster)) {
    if (inks) to_colours(d.raster);
    return set_fatal(*reader, d);
  }
  set_warned(*reader, d);
  if (inks) to_colours(d.raster);
  d.has_coefficients = options.coefficients && d.status == DecodeStatus::not_decoded;
  if (d.has_coefficients) d.coefficients = hasher.finish();
}

std::string jpeg_library() {
#ifdef LIBJPEG_TURBO_VERSION
  return "libjpeg-turbo " VETSET_TEXT(LIBJPEG_TURBO_VERSION);
#else
  return "libjpeg " VETSET_TEXT(JPEG_LIB_VERSION);
#endif
}

}  // namespace vetset
