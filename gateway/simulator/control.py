"""How tests and people steer a running simulator from outside: faults, settings, and a look at what it has done.

It asks for no token: the simulator is for loopback.
"""

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.simulator.account import Account
from gateway.simulator.faults import FAULTS, Fault, Faults
from gateway.simulator.refusal import RefusedError
from gateway.simulator.settings import SimulatorSettings


def control_routes(account: Account, faults: Faults) -> list[BaseRoute]:
    """All paths below /_simulator."""
    control = Control(account, faults)
    return [
        Route("/jobs", control.jobs, methods=["GET"]),
        Route("/files/{path:path}", control.file, methods=["GET"]),
        Route("/settings", control.settings, methods=["GET"]),
        Route("/settings", control.change_settings, methods=["POST"]),
        Route("/faults", control.faults, methods=["GET"]),
        Route("/faults", control.add_faults, methods=["POST"]),
        Route("/faults", control.clear_faults, methods=["DELETE"]),
    ]


class Control:
    """The endpoints."""

    def __init__(self, account: Account, faults: Faults) -> None:
        self._account = account
        self._faults = faults

    async def jobs(self, _request: Request) -> Response:
        """Every fax that was ever accepted."""
        self._account.advance()
        return JSONResponse({"jobs": [job.snapshot() for job in self._account.jobs]})

    async def file(self, request: Request) -> Response:
        """The octets of an upload, by its path."""
        upload = self._account.uploads.get(f"/{request.path_params['path'].lstrip('/')}")
        if upload is None:
            raise RefusedError("not_found", "No such upload")
        return Response(upload.content, media_type=upload.media_type)

    async def settings(self, _request: Request) -> Response:
        """The settings as they are."""
        return JSONResponse(self._account.settings.model_dump(mode="json"))

    async def change_settings(self, request: Request) -> Response:
        """Change those settings that are named; what was drawn already stays."""
        try:
            named = SimulatorSettings.model_validate_json(await request.body()).model_dump(exclude_unset=True)
        except ValidationError as error:
            raise RefusedError("validation_error", _words(error)) from None
        self._account.settings = self._account.settings.model_copy(update=named)
        return await self.settings(request)

    async def faults(self, _request: Request) -> Response:
        """What is still to go wrong."""
        return JSONResponse({"faults": [fault.model_dump() for fault in self._faults.ordered]})

    async def add_faults(self, request: Request) -> Response:
        """Order one fault or a list of them."""
        try:
            wanted = FAULTS.validate_json(await request.body())
        except ValidationError as error:
            raise RefusedError("validation_error", _words(error)) from None
        self._faults.add(*([wanted] if isinstance(wanted, Fault) else wanted))
        return await self.faults(request)

    async def clear_faults(self, request: Request) -> Response:
        """From now on nothing goes wrong."""
        self._faults.clear()
        return await self.faults(request)


def _words(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}" for one in error.errors())
