@echo off
rem The command line of the fleet, from this folder: bin\fleet --help
node "%~dp0fleet.mjs" %*
