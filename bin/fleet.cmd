@echo off
rem The command line of the fleet, from this folder: bin\fleet --help
where /q node || (echo fleet: there is no node on the PATH; install Node.js: https://nodejs.org >&2 & exit /b 1)
node "%~dp0fleet.mjs" %*
