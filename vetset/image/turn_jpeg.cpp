// Turning without decoding: blocks of coefficients change places, and within a block rows become columns and odd
// frequencies their sign.
#include "vetset/image/turn_jpeg.h"

#include <cstddef>
#include <cstdio>
// jpeglib.h takes FILE and size_t for granted.
#include <jpeglib.h>

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace vetset {
namespace {

/// Where a pixel of the turned picture comes from: rows and columns exchanged, counted from the other end.
struct Turn {
  bool swaps = false, from_right = false, from_bottom = false;
};
Turn turn_of(std::uint8_t orientation) {
  return {.swaps = orientation >= 5,
          .from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8,
          .from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7};
}

/// libjpeg with its errors as values. It leaves by longjmp: nothing that lives under `run` is destroyed on the way out.
struct JpegTurner {
  jpeg_decompress_struct from{};
  jpeg_compress_struct to{};
  jpeg_error_mgr errors{};
  std::jmp_buf back{};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jvirt_barray_ptr turned[MAX_COMPONENTS] = {};
  bool whole = true;  // the picture's blocks, in the directions that are counted from the other end
  bool damaged = false;
  char said[JMSG_LENGTH_MAX] = {};

  ~JpegTurner() {
    jpeg_destroy_compress(&to);
    jpeg_destroy_decompress(&from);
    std::free(bytes);
  }
  j_common_ptr common() { return reinterpret_cast<j_common_ptr>(&from); }
};

JDIMENSION up_to_whole(JDIMENSION count, int of) {
  const auto unit = static_cast<JDIMENSION>(of);
  return (count + unit - 1) / unit * unit;
}

void turn_block(const JBLOCK& in, JBLOCK& out, const Turn& turn) {
  for (int v = 0; v < DCTSIZE; ++v)
    for (int u = 0; u < DCTSIZE; ++u) {
      const int across = turn.swaps ? v : u, down = turn.swaps ? u : v;
      const JCOEF value = in[down * DCTSIZE + across];
      const bool negative = (turn.from_right && (across & 1) != 0) != (turn.from_bottom && (down & 1) != 0);
      out[v * DCTSIZE + u] = static_cast<JCOEF>(negative ? -value : value);
    }
}

void turn_component(JpegTurner& t, jvirt_barray_ptr from, int c, const Turn& turn) {
  const jpeg_component_info& part = t.from.comp_info[c];
  const JDIMENSION across = part.width_in_blocks, down = part.height_in_blocks;
  const JDIMENSION rows = turn.swaps ? across : down, columns = turn.swaps ? down : across;
  for (JDIMENSION y = 0; y < rows; ++y) {
    JBLOCKARRAY out = (*t.from.mem->access_virt_barray)(t.common(), t.turned[c], y, 1, TRUE);
    for (JDIMENSION x = 0; x < columns; ++x) {
      JDIMENSION source_x = turn.swaps ? y : x, source_y = turn.swaps ? x : y;
      if (turn.from_right) source_x = across - 1 - source_x;
      if (turn.from_bottom) source_y = down - 1 - source_y;
      JBLOCKARRAY in = (*t.from.mem->access_virt_barray)(t.common(), from, source_y, 1, FALSE);
      turn_block(in[0][source_x], out[0][x], turn);
    }
  }
}

/// Sizes, samplings and tables of the turned picture.
void set_turned(JpegTurner& t, const Turn& turn) {
  jpeg_copy_critical_parameters(&t.from, &t.to);
  if (!turn.swaps) return;
  std::swap(t.to.image_width, t.to.image_height);
  for (int c = 0; c < t.to.num_components; ++c)
    std::swap(t.to.comp_info[c].h_samp_factor, t.to.comp_info[c].v_samp_factor);
  for (JQUANT_TBL* table : t.to.quant_tbl_ptrs)
    for (int v = 0; table != nullptr && v < DCTSIZE; ++v)
      for (int u = 0; u < v; ++u) std::swap(table->quantval[v * DCTSIZE + u], table->quantval[u * DCTSIZE + v]);
}

bool starts(const jpeg_marker_struct& marker, const char* name, unsigned size) {
  return marker.data_length >= size && std::memcmp(marker.data, name, size) == 0;
}

[[gnu::noinline]] bool run(JpegTurner& t, std::string_view file, const Turn& turn) {
  const auto set_errors = [&](jpeg_error_mgr* errors) {
    errors->error_exit = [](j_common_ptr c) {
      auto* const self = static_cast<JpegTurner*>(c->client_data);
      c->err->format_message(c, self->said);
      std::longjmp(self->back, 1);
    };
    errors->emit_message = [](j_common_ptr c, int level) {
      if (level < 0) static_cast<JpegTurner*>(c->client_data)->damaged = true;
    };
  };
  t.from.err = t.to.err = jpeg_std_error(&t.errors);
  set_errors(&t.errors);
  t.from.client_data = t.to.client_data = &t;
  if (setjmp(t.back) != 0) {
    if (t.to.next_scanline > 0) t.bytes = nullptr;  // libjpeg may have moved it: better lost than freed twice
    return false;
  }
  jpeg_create_decompress(&t.from);
  jpeg_create_compress(&t.to);
  jpeg_mem_src(&t.from, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_save_markers(&t.from, JPEG_COM, 0xffff);
  for (int k = 0; k < 16; ++k) jpeg_save_markers(&t.from, JPEG_APP0 + k, 0xffff);
  jpeg_read_header(&t.from, TRUE);
  const auto unit = [](int factor) { return static_cast<JDIMENSION>(factor * DCTSIZE); };
  t.whole = !(turn.from_right && t.from.image_width % unit(t.from.max_h_samp_factor) != 0) &&
            !(turn.from_bottom && t.from.image_height % unit(t.from.max_v_samp_factor) != 0);
  if (!t.whole) return false;
  for (int c = 0; c < t.from.num_components; ++c) {
    const jpeg_component_info& part = t.from.comp_info[c];
    const JDIMENSION across = up_to_whole(part.width_in_blocks, part.h_samp_factor);
    const JDIMENSION down = up_to_whole(part.height_in_blocks, part.v_samp_factor);
    t.turned[c] = (*t.from.mem->request_virt_barray)(
        t.common(), JPOOL_IMAGE, TRUE, turn.swaps ? down : across, turn.swaps ? across : down,
        static_cast<JDIMENSION>(turn.swaps ? part.h_samp_factor : part.v_samp_factor));
  }
  jvirt_barray_ptr* const coefficients = jpeg_read_coefficients(&t.from);
  set_turned(t, turn);
  for (int c = 0; c < t.from.num_components; ++c) turn_component(t, coefficients[c], c, turn);
  t.to.optimize_coding = TRUE;
  if (t.from.progressive_mode != 0) jpeg_simple_progression(&t.to);
  jpeg_mem_dest(&t.to, &t.bytes, &t.size);
  jpeg_write_coefficients(&t.to, t.turned);
  for (const jpeg_marker_struct* m = t.from.marker_list; m != nullptr; m = m->next) {
    if (t.to.write_JFIF_header != 0 && m->marker == JPEG_APP0 && starts(*m, "JFIF", 5)) continue;
    if (t.to.write_Adobe_marker != 0 && m->marker == JPEG_APP0 + 14 && starts(*m, "Adobe", 5)) continue;
    jpeg_write_marker(&t.to, m->marker, m->data, m->data_length);
  }
  jpeg_finish_compress(&t.to);
  jpeg_finish_decompress(&t.from);
  return true;
}

}  // namespace

Result<std::string> turn_jpeg(std::string_view file, std::uint8_t orientation) {
  const auto turner = std::make_unique<JpegTurner>();
  const bool done = run(*turner, file, turn_of(orientation));
  if (!turner->whole)
    return Error{Code::unsupported, "is " + std::to_string(turner->from.image_width) + "x" +
                                        std::to_string(turner->from.image_height) +
                                        ", which is no whole number of its blocks: turning it costs pixels"};
  if (!done) return Error{Code::unsupported, "libjpeg says: " + std::string(turner->said)};
  if (turner->damaged) return Error{Code::unsupported, "is damaged"};
  return std::string(reinterpret_cast<const char*>(turner->bytes), turner->size);
}

}  // namespace vetset
