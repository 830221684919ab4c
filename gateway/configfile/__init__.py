"""From the operator's file to a `Config`, or to what is wrong with it, in words.

`load` reads the file and finds everything wrong with what it says; `check` finds what is wrong with the machine
(secrets, certificates, the state directory); `effective` shows what is in force.
"""

from gateway.configfile.inforce import effective
from gateway.configfile.loading import load
from gateway.configfile.machine import check
from gateway.configfile.problem import ConfigError, Problem, render
from gateway.configfile.secretfile import SecretError, secret

__all__ = ["ConfigError", "Problem", "SecretError", "check", "effective", "load", "render", "secret"]
