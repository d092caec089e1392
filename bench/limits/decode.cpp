// The least work that any look at pixels must do: read each JPEG, decode its luma with libjpeg-turbo, throw it away.
//
//   g++ -std=c++20 -O2 -o decode bench/limits/decode.cpp -ljpeg
//
//   decode DIR...                       all *.jpg in these folders; prints how many
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <jpeglib.h>

namespace {

struct Trap {
  jpeg_error_mgr manager;
  std::jmp_buf back;
};

bool decode_luma(const std::string& bytes, std::vector<unsigned char>& samples) {
  jpeg_decompress_struct jpeg;
  Trap trap;
  jpeg.err = jpeg_std_error(&trap.manager);
  trap.manager.error_exit = [](j_common_ptr info) { std::longjmp(reinterpret_cast<Trap*>(info->err)->back, 1); };
  trap.manager.output_message = [](j_common_ptr) {};
  if (setjmp(trap.back) != 0) {
    jpeg_destroy_decompress(&jpeg);
    return false;
  }
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&jpeg, TRUE);
  jpeg.out_color_space = JCS_GRAYSCALE;
  jpeg_start_decompress(&jpeg);
  samples.resize(std::size_t{jpeg.output_width} * jpeg.output_height);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = samples.data() + std::size_t{jpeg.output_scanline} * jpeg.output_width;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<unsigned char> samples;
  std::string bytes;
  std::size_t decoded = 0;
  for (int i = 1; i < argc; ++i)
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (entry.path().extension() != ".jpg") continue;
      bytes.resize(entry.file_size());
      std::ifstream(entry.path(), std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      decoded += decode_luma(bytes, samples) ? 1 : 0;
    }
  std::printf("%zu\n", decoded);
}
