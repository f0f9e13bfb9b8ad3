// SPDX-License-Identifier: Apache-2.0
//
// login_cost.cc - what a PAM login costs, one stack against the others.
//
//   login_cost MODE [OPTION]... STACK...
//
// MODE is one of
//   process   a process per login: fork, load the modules, log in, exit
//   same      one process logs in again and again
//   at-once   as many processes at once as there are users
//   once      one login in this process, for tracers; exit status 0 if it
//             went as it should
//   disk DIR  what an fdatasync of one written page costs in DIR
//   fill DIR N  gives the files of DIR further names until there are N
//
// A STACK is NAME,CONFDIR,ANSWER[,LOGINS]: CONFDIR holds a PAM service "sshd",
// ANSWER is right, wrong, early (the code of the step before this one, right if
// a later one was not used) or none, and at most LOGINS logins a round are made
// with it.  The first stack is the one that the others are compared with.
// Stacks take turns, user by user, in an order that is drawn anew each time:
// who follows whom decides what is still in the caches.  Every login of a round
// is of another user, so a right code is always a fresh one; before each round
// the modules' files are put back and synced, and a first round is not counted.
//
// Options:
//   --users FILE         lines of user<TAB>BASE32KEY
//   --rounds N           how often to go through the users
//   --skip N             without the first N users
//   --restore FROM=TO    before each round, put the files of FROM back into TO;
//                        without it the first round counts too
//   --host-crypto        the host has loaded and used libcrypto, as sshd has
//   --host-nss           the host has looked up a user, as sshd has
//   --report             once: shared objects and resident memory, to stdout
//
// Prints a line a stack:
//   NAME logins=N expected=N median=NS p10=NS p90=NS over=NS cpu=NS faults=N
// `expected` counts the logins that ended as ANSWER says; `over` is the median
// of the differences to the first stack's login of the same user and round;
// processor time and page faults are those of the child.

#include <fcntl.h>
#include <security/pam_appl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "figures.h"
#include "folders.h"
#include "host_process.h"
#include "login.h"
#include "totp_code.h"

namespace bench {
namespace {

struct Options {
  std::string mode;
  std::vector<Stack> stacks;
  std::vector<User> users;
  std::vector<std::pair<std::string, std::string>> restore;
  int rounds = 1;
  bool report = false;
};

// One login: how long it took and whether it ended as it should.
struct Sample {
  std::int64_t nanoseconds = 0;
  std::int64_t processor_ns = 0;
  std::int64_t page_faults = 0;
  bool made = false;
  bool as_expected = false;
};

std::int64_t ProcessorTime(const timeval& time) {
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_usec * 1000;
}

// --- a round, in the three ways --------------------------------------------

// What a child writes for its parent.
template <typename T>
T* SharedArray(std::size_t count) {
  void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) Die("no memory");
  return static_cast<T*>(memory);
}

Sample LogInWithNewProcess(const Stack& stack, const User& user) {
  const std::string code = CodeFor(stack, user);
  Sample sample{.made = true};
  const std::int64_t start = Nanoseconds();
  const pid_t child = fork();
  if (child < 0) Die("fork failed");
  if (child == 0) _exit(LogIn(stack, user, code) ? 0 : 1);
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child) Die("the child is lost");
  sample.nanoseconds = Nanoseconds() - start;
  sample.processor_ns =
      ProcessorTime(usage.ru_utime) + ProcessorTime(usage.ru_stime);
  sample.page_faults = usage.ru_minflt;
  sample.as_expected = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return sample;
}

using Round = std::vector<std::vector<Sample>>;  // [stack][user]

Round ProcessRound(const Options& options, int number) {
  Round round(options.stacks.size(), std::vector<Sample>(options.users.size()));
  // Whoever comes first after a pause pays for it: nobody's turn.
  if (options.stacks[0].answer == Answer::kNone)
    LogInWithNewProcess(options.stacks[0], options.users[0]);
  std::vector<std::size_t> order(options.stacks.size());
  std::iota(order.begin(), order.end(), 0);
  std::mt19937 random(static_cast<unsigned>(number));
  for (std::size_t user = 0; user < options.users.size(); ++user) {
    std::ranges::shuffle(order, random);
    for (const std::size_t stack : order) {
      if (user < options.stacks[stack].logins_a_round)
        round[stack][user] =
            LogInWithNewProcess(options.stacks[stack], options.users[user]);
    }
  }
  return round;
}

// The first login of a process is left out: it loads what the others find.
Round SameProcessRound(const Options& options, int number) {
  const std::size_t users = options.users.size();
  Round round(options.stacks.size(), std::vector<Sample>(users));
  auto* samples = SharedArray<Sample>(users);
  for (std::size_t turn = 0; turn < options.stacks.size(); ++turn) {
    const std::size_t index =
        number % 2 == 0 ? turn : options.stacks.size() - 1 - turn;
    const Stack& stack = options.stacks[index];
    std::fill_n(samples, users, Sample{});
    const pid_t child = fork();
    if (child < 0) Die("fork failed");
    if (child == 0) {
      for (std::size_t i = 0; i < std::min(users, stack.logins_a_round); ++i) {
        const std::string code = CodeFor(stack, options.users[i]);
        const std::int64_t start = Nanoseconds();
        const bool as_expected = LogIn(stack, options.users[i], code);
        samples[i] = {.nanoseconds = Nanoseconds() - start,
                      .made = i > 0,
                      .as_expected = as_expected};
      }
      _exit(0);
    }
    waitpid(child, nullptr, 0);
    round[index].assign(samples, samples + users);
  }
  munmap(samples, users * sizeof(Sample));
  return round;
}

// One sample a stack: from the start shot to the last exit.
Round AtOnceRound(const Options& options, int number) {
  Round round(options.stacks.size(), std::vector<Sample>(options.users.size()));
  for (std::size_t turn = 0; turn < options.stacks.size(); ++turn) {
    const std::size_t index =
        number % 2 == 0 ? turn : options.stacks.size() - 1 - turn;
    const Stack& stack = options.stacks[index];
    int start_shot[2];
    if (pipe2(start_shot, O_CLOEXEC) != 0) Die("pipe failed");
    for (const User& user : options.users) {
      const std::string code = CodeFor(stack, user);
      const pid_t child = fork();
      if (child < 0) Die("fork failed");
      if (child == 0) {
        close(start_shot[1]);
        char byte;
        if (read(start_shot[0], &byte, 1) != 0) _exit(1);
        _exit(LogIn(stack, user, code) ? 0 : 1);
      }
    }
    close(start_shot[0]);
    usleep(20'000);  // Until the last child waits.
    const std::int64_t start = Nanoseconds();
    close(start_shot[1]);
    std::size_t expected = 0;
    for (std::size_t i = 0; i < options.users.size(); ++i) {
      int status = 0;
      wait(&status);
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0) ++expected;
    }
    const std::int64_t took = Nanoseconds() - start;
    for (std::size_t i = 0; i < options.users.size(); ++i)
      round[index][i] = {
          .nanoseconds = took, .made = true, .as_expected = i < expected};
  }
  return round;
}

// --- figures
// --------------------------------------------------------------------

void Print(const Options& options, const std::vector<Round>& rounds) {
  for (std::size_t stack = 0; stack < options.stacks.size(); ++stack) {
    std::vector<std::int64_t> times, over, processor, faults;
    int expected = 0;
    for (const Round& round : rounds) {
      for (std::size_t user = 0; user < options.users.size(); ++user) {
        const Sample& sample = round[stack][user];
        if (!sample.made) continue;
        times.push_back(sample.nanoseconds);
        processor.push_back(sample.processor_ns);
        faults.push_back(sample.page_faults);
        over.push_back(sample.nanoseconds - round[0][user].nanoseconds);
        if (sample.as_expected) ++expected;
      }
    }
    std::printf(
        "%s logins=%zu expected=%d median=%lld p10=%lld p90=%lld over=%lld "
        "cpu=%lld faults=%lld\n",
        options.stacks[stack].name.c_str(), times.size(), expected,
        static_cast<long long>(Quantile(times, 0.5)),
        static_cast<long long>(Quantile(times, 0.1)),
        static_cast<long long>(Quantile(times, 0.9)),
        static_cast<long long>(Quantile(over, 0.5)),
        static_cast<long long>(Quantile(processor, 0.5)),
        static_cast<long long>(Quantile(faults, 0.5)));
  }
}

int Once(const Options& options) {
  const Stack& stack = options.stacks.front();
  const User& user = options.users.front();
  // Also for an answer that is none, so that all have touched the same memory.
  Stack asking = stack;
  asking.answer = Answer::kRight;
  CodeFor(asking, user);
  const std::string code = CodeFor(stack, user);
  if (!options.report) return LogIn(stack, user, code) ? 0 : 1;

  const auto before = SharedObjects();
  const Login login = Authenticate(stack, user, code);
  const Memory memory = MeasureMemory();
  const auto after = SharedObjects();
  pam_end(login.handle, login.status);
  std::printf("resident=%ld unshared=%ld left=%ld objects=", memory.resident,
              memory.unshared, MeasureMemory().resident);
  for (const std::string& name : after)
    if (!before.contains(name))
      std::printf("%s ", name.substr(name.rfind('/') + 1).c_str());
  std::printf("\n");
  return EndedAsExpected(stack, login) ? 0 : 1;
}

// --- the command line
// -------------------------------------------------------------

std::vector<User> ReadUsers(const std::string& path) {
  std::vector<User> users;
  std::ifstream file(path);
  if (!file) Die("cannot read " + path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) Die(path + ": expected user<TAB>key");
    users.push_back({line.substr(0, tab), Base32Decode(line.substr(tab + 1))});
  }
  if (users.empty()) Die(path + ": no users");
  return users;
}

Stack ParseStack(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  if (parts.size() < 3 || parts.size() > 4) Die("not a stack: " + text);
  Stack stack{.name = parts[0], .confdir = parts[1]};
  if (parts[2] == "right") {
    stack.answer = Answer::kRight;
  } else if (parts[2] == "wrong") {
    stack.answer = Answer::kWrong;
  } else if (parts[2] == "early") {
    stack.answer = Answer::kEarly;
  } else if (parts[2] != "none") {
    Die("not an answer: " + parts[2]);
  }
  if (parts.size() == 4) stack.logins_a_round = std::stoul(parts[3]);
  return stack;
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  options.mode = argv[1];
  std::size_t skip = 0;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&] {
      if (++i >= argc) Die(word + " needs a value");
      return std::string(argv[i]);
    };
    if (word == "--users") {
      options.users = ReadUsers(value());
    } else if (word == "--rounds") {
      options.rounds = std::stoi(value());
    } else if (word == "--skip") {
      skip = std::stoul(value());
    } else if (word == "--restore") {
      const std::string pair = value();
      const std::size_t equals = pair.find('=');
      if (equals == std::string::npos) Die("--restore needs FROM=TO");
      options.restore.emplace_back(pair.substr(0, equals),
                                   pair.substr(equals + 1));
    } else if (word == "--host-crypto") {
      UseLibcrypto();
    } else if (word == "--host-nss") {
      UseNameService();
    } else if (word == "--report") {
      options.report = true;
    } else if (word.starts_with("--")) {
      Die("unknown option " + word);
    } else {
      options.stacks.push_back(ParseStack(word));
    }
  }
  if (options.users.empty() || options.stacks.empty())
    Die("no users or no stacks");
  if (skip >= options.users.size()) Die("too many users to skip");
  options.users.erase(
      options.users.begin(),
      options.users.begin() + static_cast<std::ptrdiff_t>(skip));
  return options;
}

int Main(int argc, char** argv) {
  if (argc < 3) Die("usage: login_cost MODE [OPTION]... STACK...");
  const std::string_view mode = argv[1];
  if (mode == "disk") {
    MeasureDisk(argv[2]);
    return 0;
  }
  if (mode == "fill" && argc == 4) {
    Fill(argv[2], std::stoul(argv[3]));
    return 0;
  }
  const Options options = ParseOptions(argc, argv);
  if (options.mode == "once") return Once(options);

  Round (*run)(const Options&, int) = nullptr;
  if (options.mode == "process") run = ProcessRound;
  if (options.mode == "same") run = SameProcessRound;
  if (options.mode == "at-once") run = AtOnceRound;
  if (run == nullptr) Die("unknown mode " + options.mode);

  if (!options.restore.empty()) {
    Restore(options.restore);
    run(options, 0);  // Into the page cache.
  }
  std::vector<Round> rounds;
  for (int number = 0; number < options.rounds; ++number) {
    Restore(options.restore);
    rounds.push_back(run(options, number));
  }
  Print(options, rounds);
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
