# SPDX-License-Identifier: Apache-2.0
# The habits of this workspace. Everything a target needs is set up by the target itself.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
export PYTHONUNBUFFERED = 1
export PYTHON
# Without byte code hundreds of processes, and each that shares the tests, would compile the same modules anew.
unexport PYTHONDONTWRITEBYTECODE

py := .venv/bin/python
dev := packaging/dev
# Words for the program behind a target: make test ARGS="tests/rules -k window".
ARGS ?=

.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":[^#]*## " } \
	  /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) }' $(MAKEFILE_LIST)
	@printf '\nWords for the program behind a target: make test ARGS="tests/rules -k window"\n'
	@printf 'Another Python, with which .venv is made anew and then stays: make test PYTHON=python3.13\n'

##@ Use
.PHONY: run test smoke
run: set-up-run ## watch this very host: a collector, an agent, the console's address; Ctrl-C stops both
	@exec $(py) $(dev)/run.py $(ARGS)

# Three on two processors: end-to-end tests, of which one or two run at any time, wait more than they compute.
test: set-up-dev ## all tests; as root on Debian or Ubuntu the real peers are installed first (PYTHON=python3.13)
	@$(py) $(dev)/peers.py
	@exec $(py) -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

smoke: set-up-run ## both ends in a temporary folder, one real security event, one line of figures
	@exec $(py) $(dev)/smoke.py $(ARGS)

##@ Change
.PHONY: check format proto lock lock-rules
check: set-up-dev ## format, lint, types, import contracts, dependencies, stubs, wheels, tree: within two minutes
	@exec $(py) $(dev)/check.py $(ARGS)

.PHONY: pythons
pythons: set-up-dev ## every other Python of this machine installs, imports and runs it
	@exec $(py) $(dev)/pythons.py

format: set-up-dev ## put every Python file into shape
	@$(py) -m ruff format . && $(py) -m ruff check --fix .

proto: set-up-dev ## generate the stubs; a change that older ends could not read is refused
	@$(py) $(dev)/venvs.py stubs $(dev)/stubs.py
	@$(py) $(dev)/compatibility.py --record

lock: set-up-dev ## solve the hashed locks anew; ARGS=--upgrade takes newer versions
	@$(py) $(dev)/lock.py $(ARGS)

lock-rules: set-up-dev ## lock every shipped rule's version and content; refused where one changed and its version did not
	@$(dir $(py))giamsat-rules lock

##@ Measure
.PHONY: bench bench-agent bench-collector bench-packets bench-rules bench-devices bench-logs
bench: bench-agent bench-collector bench-packets bench-rules bench-devices bench-logs ## all benches

bench-agent: set-up-dev ## what an agent costs its host, beside node_exporter
	@$(py) $(dev)/peers.py prometheus-node-exporter
	@$(py) $(dev)/bench_agent.py $(ARGS)

bench-collector: set-up-dev ## what a collector bears: frames, latency, memory, at 1,509 agents
	@$(py) $(dev)/bench_collector.py $(ARGS)

.PHONY: bench-province
bench-province: set-up-dev ## what a collector bears of 5,030 agents, and of all of them coming back at once (AGENTS=5030)
	@$(py) $(dev)/bench_province.py $(if $(AGENTS),--agents $(AGENTS)) $(ARGS)

.PHONY: bench-thin-link
bench-thin-link: set-up-dev ## how long an urgent event waits on 64 kbit/s that a backlog fills; needs root
	@$(py) $(dev)/bench_thin_link.py $(ARGS)

.PHONY: crash-sim
crash-sim: set-up-dev ## made-up lives of the spool: power cuts, bad disks, and mutants that must be found out (HISTORIES=100000 FROM=0 SECONDS=)
	@exec $(py) $(dev)/crash_sim.py $(HISTORIES) $(if $(FROM),--from $(FROM)) $(if $(SECONDS),--seconds $(SECONDS))

.PHONY: fuzz
fuzz: set-up-dev ## every parser of bytes from outside, given good input with parts changed; from SECONDS=600 on also guided by the code that is reached (SECONDS=60)
	@$(py) $(dev)/fuzz.py $(SECONDS) $(ARGS)

.PHONY: kill-loop
kill-loop: set-up-dev ## a real agent and collector ended with SIGKILL under load; what was lost, what came twice (KILLS=50 SECONDS=)
	@exec $(py) $(dev)/kill_loop.py $(KILLS) $(if $(SECONDS),--seconds $(SECONDS))

.PHONY: power-loop
power-loop: set-up-dev ## the same in power cuts: of a real file system stays what was synchronised; needs root (CUTS=50 SECONDS=)
	@$(py) $(dev)/peers.py
	@exec unshare --mount $(py) $(dev)/kill_loop.py $(CUTS) --power $(if $(SECONDS),--seconds $(SECONDS))

.PHONY: renewals
renewals: set-up-dev ## renewals of a certificate of which so many are lost on the way, and none locks the host out; disks that are copied, and every copy is found (LOST=10000 COPIES=100)
	@exec $(py) -m pytest tests/collector/enrol/test_identity_history.py tests/collector/ingest/test_instances.py -k "lost or copied or at_once_are" \
	  -s -o faulthandler_timeout=0 --lost-renewals $(or $(LOST),10000) --copies $(or $(COPIES),100)

.PHONY: lines
lines: set-up-dev ## what tests try a little, tried much: a line cut at every byte, one that flaps, one with a long way, a day on the slowest, an outage of the province, frames in any order, files harmed anywhere, every synchronisation refused (STEP= FLAPS= SLOW_HOURS= UNITS= OUTAGE_HOURS= ORDERS= HARMS= REFUSED=)
	@exec $(py) -m pytest tests/agent/uplink/test_cut_lines.py tests/agent/uplink/test_slow_links.py \
	  tests/agent/uplink/test_province_outage.py tests/agent/uplink/test_renewal.py tests/agent/spool/test_spool_damage.py \
	  tests/agent/spool/test_spool_memory.py \
	  tests/agent/test_framing_on_bad_disks.py tests/collector/ingest/test_session.py \
	  -s -k "cut_at or flaps or long_way or 9600 or province or without_a_line or however_many or harmed or whichever_synchronisation" -o faulthandler_timeout=0 \
	  --cut-step $(or $(STEP),1) --flaps $(or $(FLAPS),10000) --slow-hours $(or $(SLOW_HOURS),24) \
	  --units $(or $(UNITS),503) --outage-hours $(or $(OUTAGE_HOURS),72) \
	  --orders $(or $(ORDERS),100000) --harms $(or $(HARMS),10000) --refused-syncs $(or $(REFUSED),200)

.PHONY: hostile
hostile: set-up-dev ## what tests try a little, tried much: ever new series, harmful names, hosts that race for a token, stray, flooded and half-open connections, spoilt frames, agents that are revoked (SERIES= PAYLOADS= RACES= STRAYS= FLOODS= HALF_OPEN= SPOILT= REVOKED=)
	@exec $(py) -m pytest tests/collector -s -o faulthandler_timeout=0 \
	  -k "new_series or no_name or hundred_hosts or bytes_that_are_nothing or test_hostile_peers or test_poison_frames or revoked_loses" \
	  --new-series $(or $(SERIES),1000000) --payloads $(or $(PAYLOADS),300) --races $(or $(RACES),1000) --strays $(or $(STRAYS),100000) \
	  --floods $(or $(FLOODS),100000) --half-open $(or $(HALF_OPEN),10000) --handshake-ms 20000 --spoilt $(or $(SPOILT),100) \
	  --revoked $(or $(REVOKED),100) --closed-s 5

.PHONY: quiet-lab
quiet-lab: set-up-dev ## ordinary traffic of real programs between two hosts of our own raises no alert; needs root (SECONDS=600)
	@$(py) $(dev)/peers.py
	@exec $(py) -m pytest tests/e2e/test_packets.py -k ordinary -o faulthandler_timeout=0 --quiet-seconds $(or $(SECONDS),600)

.PHONY: fuzz-packets
fuzz-packets: set-up-dev ## mutated frames and capture files through every detector: crashes, slowest, memory (SECONDS=60)
	@$(py) $(dev)/fuzz_packets.py $(SECONDS)

bench-packets: set-up-dev ## how fast captures are read and judged, beside scapy
	@$(py) $(dev)/bench_packets.py $(ARGS)

bench-rules: set-up-dev ## what judging costs with 3,000 rules, beside pySigma's SQLite backend
	@$(py) $(dev)/bench_rules.py $(ARGS)

bench-devices: set-up-dev ## what polling devices by SNMP costs, beside snmp_exporter
	@$(py) $(dev)/peers.py snmpd prometheus-snmp-exporter
	@$(py) $(dev)/bench_devices.py $(ARGS)

bench-logs: set-up-dev ## how many lines a second one core understands, of each product that logs every connection
	@$(py) $(dev)/bench_logs.py $(ARGS)

##@ Deliver
.PHONY: package bundle deb rpm clean
package: set-up-dev ## the four wheels, in dist/
	@$(py) $(dev)/wheels.py dist

bundle: set-up-dev ## what installs without the Internet, in dist/ (ARGS="agent --python 3.12")
	@$(py) $(dev)/bundle.py $(ARGS)

deb: set-up-dev ## the same as packages for Debian and Ubuntu, in dist/ (ARGS="agent --python 3.12")
	@$(py) $(dev)/deb.py $(ARGS)

rpm: set-up-dev ## the same as packages for Red Hat and its kin, in dist/; needs rpmbuild
	@$(py) $(dev)/rpm.py $(ARGS)

clean: ## remove everything that was made, but for the data of make run
	rm -rf .build .venv dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

.PHONY: set-up-run set-up-dev
set-up-run set-up-dev: set-up-%:
	@python=$$($(dev)/python.sh) && exec "$$python" $(dev)/environment.py $*
