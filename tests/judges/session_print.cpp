// A model run by vetset's own session, for judges and measurements:
//   session_print MODEL INPUT... -o FOLDER      outputs as FOLDER/0, FOLDER/1, …: a line "float32 1 3 8 8", then bytes
//   session_print MODEL INPUT... --bench N      processor time of a run, unbound and bound
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "vetset/runtime/runtime.h"

namespace {

using namespace vetset;

bool read_tensor(const std::string& path, Tensor& out) {
  std::ifstream in(path, std::ios::binary);
  std::string line, type;
  if (!std::getline(in, line)) return false;
  std::istringstream words(line);
  words >> type;
  std::vector<std::int64_t> shape;
  for (std::int64_t length = 0; words >> length;) shape.push_back(length);
  out = Tensor::zeros(element_type_of(type), shape);
  in.read(reinterpret_cast<char*>(out.bytes().data()), static_cast<std::streamsize>(out.bytes().size()));
  return static_cast<std::size_t>(in.gcount()) == out.bytes().size();
}

void write_tensor(const std::string& path, const Tensor& t) {
  std::ofstream out(path, std::ios::binary);
  out << to_string(t.type());
  for (const std::int64_t length : t.shape()) out << ' ' << length;
  out << '\n';
  out.write(reinterpret_cast<const char*>(t.bytes().data()), static_cast<std::streamsize>(t.bytes().size()));
}

double processor_seconds() {
  timespec now = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

int failed(const Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());
  return 2;
}

int bench(const Session& session, const std::vector<Tensor>& inputs, int runs) {
  auto first = session.run(inputs);
  if (!first) return failed(first.error());
  std::vector<Tensor> outputs;
  for (const Tensor& t : *first) outputs.push_back(Tensor::zeros(t.type(), t.shape()));
  double unbound = 1e9, bound = 1e9;
  for (int round = 0; round < 5; ++round) {
    double began = processor_seconds();
    for (int i = 0; i < runs; ++i)
      if (auto ran = session.run(inputs); !ran) return failed(ran.error());
    unbound = std::min(unbound, processor_seconds() - began);
    began = processor_seconds();
    for (int i = 0; i < runs; ++i)
      if (auto ran = session.run_into(inputs, outputs); !ran) return failed(ran.error());
    bound = std::min(bound, processor_seconds() - began);
  }
  std::printf("{\"unbound_us\": %.3f, \"bound_us\": %.3f}\n", unbound / runs * 1e6, bound / runs * 1e6);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  std::string model, folder;
  std::vector<Tensor> inputs;
  int runs = 0;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "-o" && i + 1 < count) {
      folder = words[++i];
    } else if (word == "--bench" && i + 1 < count) {
      runs = std::atoi(words[++i]);
    } else if (model.empty()) {
      model = word;
    } else if (!read_tensor(word, inputs.emplace_back())) {
      std::fprintf(stderr, "%s is no tensor\n", words[i]);
      return 2;
    }
  }
  auto runtime = Runtime::load();
  if (!runtime) return failed(runtime.error());
  auto session = (*runtime)->open(model, {.threads = runs > 0 ? 1U : 0U});
  if (!session) return failed(session.error());
  if (runs > 0) return bench(**session, inputs, runs);
  auto outputs = (*session)->run(inputs);
  if (!outputs) return failed(outputs.error());
  for (std::size_t i = 0; i < outputs->size(); ++i) write_tensor(folder + "/" + std::to_string(i), (*outputs)[i]);
  return 0;
}
